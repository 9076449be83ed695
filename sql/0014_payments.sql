-- Payment requests: who is paid, what is asked for, every try to pay it, and what an operator's own books have not taken
-- over yet. Movements, jobs and callbacks are those of orders: an id of a payment is never an order's.

CREATE TABLE merchants (
	partner_id BIGINT PRIMARY KEY,
	fee_ppm BIGINT NOT NULL,
	fee_fixed BIGINT NOT NULL,
	external_account_id TEXT,
	provider_login TEXT,
	provider_public_key TEXT,
	provider_private_key BLOB,
	redirect_url TEXT,
	callback_url TEXT,
	version BIGINT NOT NULL
	, FOREIGN KEY (partner_id) REFERENCES partners (id) -- sqlite
);
CREATE UNIQUE INDEX merchants_external ON merchants (external_account_id);

CREATE TABLE payments (
	id BIGINT PRIMARY KEY,
	partner_id BIGINT NOT NULL,
	kind INTEGER NOT NULL,
	link_id BIGINT NOT NULL,
	state INTEGER NOT NULL,
	cause INTEGER NOT NULL,
	reason TEXT,
	currency INTEGER NOT NULL,
	item_amount BIGINT NOT NULL,
	tax_amount BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	language INTEGER NOT NULL,
	media INTEGER NOT NULL,
	item_name TEXT NOT NULL,
	track_id TEXT,
	customer_name TEXT,
	customer_email TEXT,
	customer_phone TEXT,
	redirect_url TEXT,
	callback_url TEXT,
	retry_period INTEGER NOT NULL,
	retry_attempts INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	refusals INTEGER NOT NULL,
	paid_by INTEGER NOT NULL,
	method TEXT,
	sandbox INTEGER NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	finished_at BIGINT NOT NULL,
	refunded_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	version BIGINT NOT NULL
	, FOREIGN KEY (partner_id) REFERENCES partners (id) -- sqlite
)
WITH (fillfactor = 50) -- postgres
;
-- Statistics read a merchant's days, which are ranges of ids.
CREATE INDEX payments_partner ON payments (partner_id, id);

CREATE TABLE payment_attempts (
	payment_id BIGINT NOT NULL,
	no INTEGER NOT NULL,
	id BIGINT NOT NULL,
	state INTEGER NOT NULL,
	provider TEXT NOT NULL,
	instrument TEXT,
	provider_reference TEXT,
	next_url TEXT,
	reason TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (payment_id, no)
	, FOREIGN KEY (payment_id) REFERENCES payments (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;

CREATE TABLE payment_entries (
	payment_id BIGINT NOT NULL,
	no INTEGER NOT NULL,
	id BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	PRIMARY KEY (payment_id, no)
	, FOREIGN KEY (payment_id) REFERENCES payments (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;
CREATE UNIQUE INDEX payment_entries_id ON payment_entries (id);
