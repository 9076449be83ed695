-- A merchant's invoices of other systems. A source is such a system and its words for our statuses. An import writes its
-- rows a chunk at a time and nobody reads them while it is in external_imports as loading; of several rows of one
-- invoice the one of the newest import counts, and the others are deleted when that is over. Imports that named a batch
-- stay, so that the same batch that comes again is known. Invoices are ordered by their bytes on both engines.

CREATE TABLE external_sources (
	id BIGINT PRIMARY KEY,
	partner_id BIGINT NOT NULL,
	name TEXT NOT NULL,
	pending TEXT,
	due TEXT,
	fully_paid TEXT,
	partially_paid TEXT
	, FOREIGN KEY (partner_id) REFERENCES partners (id) -- sqlite
);
CREATE UNIQUE INDEX external_sources_name ON external_sources (partner_id, name);

CREATE TABLE external_imports (
	source_id BIGINT NOT NULL,
	id BIGINT NOT NULL,
	state INTEGER NOT NULL,
	batch TEXT,
	digest BLOB NOT NULL,
	started_at BIGINT NOT NULL,
	PRIMARY KEY (source_id, id)
	, FOREIGN KEY (source_id) REFERENCES external_sources (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;

CREATE TABLE external_invoices (
	source_id BIGINT NOT NULL,
	invoice TEXT NOT NULL, -- sqlite
	invoice TEXT COLLATE "C" NOT NULL, -- postgres
	import_id BIGINT NOT NULL,
	date TEXT NOT NULL,
	due_date TEXT NOT NULL,
	label TEXT,
	amount BIGINT NOT NULL,
	status TEXT,
	customer TEXT NOT NULL,
	phone TEXT,
	email TEXT,
	balance TEXT,
	balance_date TEXT,
	batch TEXT,
	PRIMARY KEY (source_id, invoice, import_id)
	, FOREIGN KEY (source_id) REFERENCES external_sources (id) -- sqlite
)
WITHOUT ROWID -- sqlite
;
