-- The schema, the same text for both engines. Conventions of these files:
--   a statement ends with ';' at the end of a line; a line that ends with '-- sqlite' or '-- postgres' is for that
--   engine only; BLOB becomes BYTEA on PostgreSQL. Files are append-only: a released one never changes.
-- Amounts are micros (millionths of the unit), times are microseconds since 1970-01-01 UTC, ids are ours, below 2^53 and
-- ordered by time. Enumerated columns are numbered in src/core and never renumbered.
-- Index budget: an index on a hot table costs 25-45 us an order on SQLite, 10-17 us on PostgreSQL. Orders have three,
-- the ledger two, everything else its primary key (jobs also when they are due). A new one needs a measured figure.
-- Foreign keys are declared on SQLite, where they cost little and test the code for both engines.

CREATE TABLE settings (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
);

-- One row a running node: ids, the fence against a node that was taken for dead, and the number of its last batch.
CREATE TABLE nodes (
	slot INTEGER PRIMARY KEY,
	fence BIGINT NOT NULL,
	id_high BIGINT NOT NULL,
	batch_no BIGINT NOT NULL,
	lease_until BIGINT NOT NULL
);

CREATE TABLE partners (
	id BIGINT PRIMARY KEY,
	name TEXT NOT NULL,
	email TEXT,
	home_currency INTEGER NOT NULL,
	locale TEXT NOT NULL,
	sandbox INTEGER NOT NULL,
	active INTEGER NOT NULL,
	price_list TEXT NOT NULL,
	rate_limit BIGINT NOT NULL,
	webhook_url TEXT,
	webhook_secret BLOB,
	created_at BIGINT NOT NULL,
	version BIGINT NOT NULL
);

CREATE TABLE credentials (
	id BIGINT PRIMARY KEY,
	partner_id BIGINT NOT NULL,
	dialect INTEGER NOT NULL,
	public_id TEXT NOT NULL,
	secret_hash BLOB NOT NULL,
	scopes INTEGER NOT NULL,
	valid_from BIGINT NOT NULL,
	valid_to BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	version BIGINT NOT NULL
	, FOREIGN KEY (partner_id) REFERENCES partners (id) -- sqlite
);
CREATE INDEX credentials_public ON credentials (dialect, public_id);

-- The catalogue: every version of every line of an import. The newest of an active batch is current.
CREATE TABLE batches (
	id BIGINT PRIMARY KEY,
	kind INTEGER NOT NULL,
	state INTEGER NOT NULL,
	row_count BIGINT NOT NULL,
	note TEXT,
	created_at BIGINT NOT NULL
);
CREATE TABLE catalog (
	kind INTEGER NOT NULL,
	id BIGINT NOT NULL,
	batch BIGINT NOT NULL,
	doc TEXT NOT NULL,
	PRIMARY KEY (kind, id, batch)
	, FOREIGN KEY (batch) REFERENCES batches (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;

-- What the committer locks first: all rows of a partner are written only under this one.
CREATE TABLE counters (
	partner_id BIGINT PRIMARY KEY,
	movement_seq BIGINT NOT NULL,
	event_seq BIGINT NOT NULL,
	version BIGINT NOT NULL
)
WITH (fillfactor = 50) -- postgres
;

CREATE TABLE accounts (
	id BIGINT PRIMARY KEY,
	balance BIGINT NOT NULL,
	held BIGINT NOT NULL,
	overdraft BIGINT NOT NULL,
	version BIGINT NOT NULL
)
WITH (fillfactor = 50) -- postgres
;

CREATE TABLE ledger (
	id BIGINT PRIMARY KEY,
	posting BIGINT NOT NULL,
	order_id BIGINT,
	wallet_id BIGINT,
	kind INTEGER NOT NULL,
	debit BIGINT NOT NULL,
	credit BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	debit_after BIGINT NOT NULL,
	credit_after BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);
-- Statements show what moved the posted balance; authorizations and voids, half of all rows, stay out of the index.
CREATE INDEX ledger_movements ON ledger (wallet_id, seq) WHERE seq > 0;
-- The two lines of each transfer, as book-keepers write them.
CREATE VIEW entries AS
	SELECT id, posting, order_id, kind, debit AS account_id, -amount AS amount, debit_after AS balance_after, created_at
	FROM ledger
	UNION ALL
	SELECT id, posting, order_id, kind, credit AS account_id, amount AS amount, credit_after AS balance_after, created_at
	FROM ledger
;

CREATE TABLE orders (
	id BIGINT PRIMARY KEY,
	partner_id BIGINT NOT NULL,
	dialect INTEGER NOT NULL,
	ext_key TEXT NOT NULL,
	fingerprint BIGINT NOT NULL,
	state INTEGER NOT NULL,
	reason INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	product_batch BIGINT NOT NULL,
	price_list TEXT NOT NULL,
	calculation_mode INTEGER NOT NULL,
	quantity BIGINT NOT NULL,
	currency INTEGER NOT NULL,
	amount BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	retail_currency INTEGER NOT NULL,
	retail_amount BIGINT NOT NULL,
	retail_fee BIGINT NOT NULL,
	requested_source BIGINT NOT NULL,
	requested_destination BIGINT NOT NULL,
	adjusted_source BIGINT NOT NULL,
	adjusted_destination BIGINT NOT NULL,
	credit_party TEXT,
	credit_account TEXT,
	callback_url TEXT,
	created_at BIGINT NOT NULL,
	confirmed_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	completed_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	version BIGINT NOT NULL
	, FOREIGN KEY (partner_id) REFERENCES partners (id) -- sqlite
)
WITH (fillfactor = 50) -- postgres
;
CREATE UNIQUE INDEX orders_ext ON orders (ext_key);
CREATE INDEX orders_partner ON orders (partner_id, id);

-- Who pays and who receives, as the buyer wrote it: erasable without touching the books.
CREATE TABLE parties (
	order_id BIGINT PRIMARY KEY,
	doc TEXT NOT NULL
	, FOREIGN KEY (order_id) REFERENCES orders (id) -- sqlite
);

CREATE TABLE units (
	order_id BIGINT NOT NULL,
	no INTEGER NOT NULL,
	state INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	operator_reference TEXT,
	delivery BLOB,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (order_id, no)
	, FOREIGN KEY (order_id) REFERENCES orders (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;

CREATE TABLE attempts (
	order_id BIGINT NOT NULL,
	unit INTEGER NOT NULL,
	no INTEGER NOT NULL,
	state INTEGER NOT NULL,
	supplier TEXT NOT NULL,
	sku TEXT,
	supplier_reference TEXT,
	reason INTEGER NOT NULL,
	cost_currency INTEGER NOT NULL,
	cost BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (order_id, unit, no)
	, FOREIGN KEY (order_id) REFERENCES orders (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;

-- Something to do later. A row goes when it is done.
CREATE TABLE jobs (
	id BIGINT PRIMARY KEY,
	kind INTEGER NOT NULL,
	order_id BIGINT NOT NULL,
	partner_id BIGINT NOT NULL,
	unit INTEGER NOT NULL,
	currency INTEGER NOT NULL,
	due_at BIGINT NOT NULL,
	tries INTEGER NOT NULL,
	fence BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (due_at);

-- Every change of an order's state, in the transaction that made it, numbered within its partner.
CREATE TABLE events (
	id BIGINT PRIMARY KEY,
	partner_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	order_id BIGINT NOT NULL,
	state INTEGER NOT NULL,
	reason INTEGER NOT NULL,
	created_at BIGINT NOT NULL
);

-- One webhook to be delivered, then the record of it: the order's first, second, ... The id is what receivers see.
CREATE TABLE callbacks (
	order_id BIGINT NOT NULL,
	no INTEGER NOT NULL,
	id BIGINT NOT NULL,
	state INTEGER NOT NULL,
	tries INTEGER NOT NULL,
	http_status INTEGER NOT NULL,
	error TEXT,
	body BLOB,
	created_at BIGINT NOT NULL,
	first_try_at BIGINT NOT NULL,
	last_try_at BIGINT NOT NULL,
	duration_us BIGINT NOT NULL,
	PRIMARY KEY (order_id, no)
)
WITHOUT ROWID -- sqlite
;

-- Idempotency keys: kept 24 h.
CREATE TABLE idempotency (
	idem_key TEXT PRIMARY KEY,
	request_hash BIGINT NOT NULL,
	order_id BIGINT NOT NULL,
	created_at BIGINT NOT NULL
)
WITHOUT ROWID -- sqlite
;

-- What a person has to look at: a delivery after a final failure, a poisoned job, a callback given up.
CREATE TABLE tasks (
	id BIGINT PRIMARY KEY,
	kind INTEGER NOT NULL,
	order_id BIGINT,
	detail TEXT NOT NULL,
	state INTEGER NOT NULL,
	created_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL,
	version BIGINT NOT NULL
);

-- Who did what in admin: append-only, each row hashed together with the one before.
CREATE TABLE audit (
	id BIGINT PRIMARY KEY,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	detail TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	previous BLOB NOT NULL,
	hash BLOB NOT NULL
);
