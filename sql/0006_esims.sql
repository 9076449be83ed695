-- eSIMs: the thing itself, what was bought for it, and the check of an identity that some of them need.

ALTER TABLE orders ADD COLUMN root_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN kept BIGINT NOT NULL DEFAULT 0;
-- The last number given to an order, of dialects whose order numbers are ours.
ALTER TABLE counters ADD COLUMN order_no BIGINT NOT NULL DEFAULT 0;

-- What a dialect shows of an order and nobody else looks at.
CREATE TABLE details (
	order_id BIGINT PRIMARY KEY,
	doc TEXT NOT NULL
	, FOREIGN KEY (order_id) REFERENCES orders (id) -- sqlite
);

CREATE TABLE esims (
	order_id BIGINT NOT NULL,
	unit INTEGER NOT NULL,
	partner_id BIGINT NOT NULL,
	iccid TEXT NOT NULL,
	state INTEGER NOT NULL,
	profile BLOB NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (order_id, unit)
	, FOREIGN KEY (order_id) REFERENCES orders (id) -- sqlite
)
WITH (fillfactor = 50) -- postgres
WITHOUT ROWID -- sqlite
;
CREATE UNIQUE INDEX esims_iccid ON esims (iccid);

CREATE TABLE esim_links (
	root_id BIGINT NOT NULL,
	no INTEGER NOT NULL,
	order_id BIGINT NOT NULL,
	reference TEXT NOT NULL,
	category INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	product_batch BIGINT NOT NULL,
	state INTEGER NOT NULL,
	completed_at BIGINT NOT NULL,
	PRIMARY KEY (root_id, no)
	, FOREIGN KEY (root_id) REFERENCES orders (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;

CREATE TABLE kyc (
	order_id BIGINT PRIMARY KEY,
	state INTEGER NOT NULL,
	doc BLOB,
	created_at BIGINT NOT NULL,
	submitted_at BIGINT NOT NULL,
	decided_at BIGINT NOT NULL,
	version BIGINT NOT NULL
	, FOREIGN KEY (order_id) REFERENCES orders (id) -- sqlite
);
