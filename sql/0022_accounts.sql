-- What a merchant's account says of itself beside its e-mail (+33612345678, and ISO 3166-1 alpha-2), and whose sub-account
-- it is; 0: nobody's. A sub-account has none of its own.
ALTER TABLE partners ADD COLUMN phone TEXT;
ALTER TABLE partners ADD COLUMN country TEXT;
ALTER TABLE partners ADD COLUMN parent_id BIGINT NOT NULL DEFAULT 0;
