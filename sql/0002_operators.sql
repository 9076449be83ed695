-- People and programs that run the store through the admin API. The secrets are kept as hashes only: the password's with
-- argon2id, the token's keyed.
CREATE TABLE operators (
	id BIGINT PRIMARY KEY,
	email TEXT NOT NULL,
	password_hash TEXT NOT NULL,
	token_hash BLOB NOT NULL,
	active INTEGER NOT NULL,
	created_at BIGINT NOT NULL,
	version BIGINT NOT NULL
);
