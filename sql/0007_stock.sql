-- What is sold from stock: PINs, vouchers and profiles, in batches. A unit's id is its batch's number x 2^24 + its place.
-- Units of a batch are taken in the order of their places from `head` on; those that came back stand in stock_returned
-- and go first. So nothing is searched for, and what is written is next to what was written before.

CREATE TABLE stock_batches (
	id BIGINT PRIMARY KEY,
	product_id BIGINT NOT NULL,
	sandbox INTEGER NOT NULL,
	state INTEGER NOT NULL,
	total BIGINT NOT NULL,
	head BIGINT NOT NULL,
	returned BIGINT NOT NULL,
	free BIGINT NOT NULL,
	reserved BIGINT NOT NULL,
	sold BIGINT NOT NULL,
	voided BIGINT NOT NULL,
	low BIGINT NOT NULL,
	sealed_key BLOB NOT NULL,
	note TEXT,
	created_at BIGINT NOT NULL,
	version BIGINT NOT NULL
)
WITH (fillfactor = 50) -- postgres
;

-- `mark` is a keyed hash of the code: the same code is refused without opening any.
CREATE TABLE stock_units (
	id BIGINT PRIMARY KEY,
	state INTEGER NOT NULL,
	order_id BIGINT,
	mark BLOB NOT NULL,
	body BLOB NOT NULL
)
WITH (fillfactor = 70) -- postgres
;
CREATE UNIQUE INDEX stock_marks ON stock_units (mark);

CREATE TABLE stock_returned (
	batch BIGINT NOT NULL,
	place INTEGER NOT NULL,
	PRIMARY KEY (batch, place)
)
WITHOUT ROWID -- sqlite
;

-- Units that an order has reserved and not yet been given.
CREATE TABLE stock_holds (
	order_id BIGINT NOT NULL,
	unit INTEGER NOT NULL,
	stock_id BIGINT NOT NULL,
	PRIMARY KEY (order_id, unit)
	, FOREIGN KEY (order_id) REFERENCES orders (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;
