-- Operators who have logged in with their password: the token is kept as a keyed hash, and ends.
CREATE TABLE sessions (
	id BIGINT PRIMARY KEY,
	operator_id BIGINT NOT NULL,
	token_hash BLOB NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);
