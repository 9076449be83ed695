-- Reusable QR codes: many pay at one, each with a payment of its own (payments.link_id). The picture of what is sold is
-- copied once, in parts, so that no row is large.

CREATE TABLE reusables (
	id BIGINT PRIMARY KEY,
	partner_id BIGINT NOT NULL,
	currency INTEGER NOT NULL,
	item_amount BIGINT NOT NULL,
	tax_amount BIGINT NOT NULL,
	item_name TEXT NOT NULL,
	photo_url TEXT NOT NULL,
	video_url TEXT,
	message TEXT,
	reference TEXT,
	category TEXT,
	brand TEXT,
	photo_state INTEGER NOT NULL,
	photo_type TEXT,
	created_at BIGINT NOT NULL,
	version BIGINT NOT NULL
	, FOREIGN KEY (partner_id) REFERENCES partners (id) -- sqlite
);

CREATE TABLE photo_parts (
	reusable_id BIGINT NOT NULL,
	no INTEGER NOT NULL,
	content BLOB NOT NULL,
	PRIMARY KEY (reusable_id, no)
	, FOREIGN KEY (reusable_id) REFERENCES reusables (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;
