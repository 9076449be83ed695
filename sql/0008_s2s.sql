-- A movement says what the wallet's posted balance was after it, so that a page of a statement needs no sum.
ALTER TABLE ledger ADD COLUMN posted_after BIGINT NOT NULL DEFAULT 0;

-- The secret of an API that signs: sealed, because a keyed hash cannot make a signature.
ALTER TABLE credentials ADD COLUMN sealed BLOB;
