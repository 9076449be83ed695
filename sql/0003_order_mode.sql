-- An order keeps the mode that it was placed under: a sandbox order never takes a live route, whatever its partner becomes.
ALTER TABLE orders ADD COLUMN sandbox INTEGER NOT NULL DEFAULT 0;
UPDATE orders SET sandbox = 1 WHERE partner_id IN (SELECT id FROM partners WHERE sandbox = 1);
