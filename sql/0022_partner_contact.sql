-- What a merchant's account says of itself beside its e-mail: +33612345678, and ISO 3166-1 alpha-2.
ALTER TABLE partners ADD COLUMN phone TEXT;
ALTER TABLE partners ADD COLUMN country TEXT;
