-- Identity checks that nobody has decided are listed; one whose time was over is decided too, and what it was given is
-- forgotten.
UPDATE kyc SET state = 5, doc = NULL WHERE state < 3 AND order_id IN (SELECT id FROM orders WHERE state = 8);
CREATE INDEX kyc_undecided ON kyc (order_id) WHERE state < 3;
