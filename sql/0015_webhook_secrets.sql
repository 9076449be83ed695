-- The secret before this one, sealed; it signs too until then, so that a receiver can change over.
ALTER TABLE partners ADD COLUMN webhook_secret_old BLOB;
ALTER TABLE partners ADD COLUMN webhook_secret_until BIGINT NOT NULL DEFAULT 0;
