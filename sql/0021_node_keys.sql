-- Of the master keys, by the first byte of what they seal: the newest that the node knew, and the one that it sealed with,
-- when the last batch that it committed began. 0 = it has not said.
ALTER TABLE nodes ADD COLUMN key_known INTEGER NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN key_used INTEGER NOT NULL DEFAULT 0;
