-- A partner's events lie together, in the order of their ids, which is that of their numbers: what the feed reads and
-- what is dropped of it is one stretch, and there is still one index.
CREATE TABLE feed (
	id BIGINT NOT NULL,
	partner_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	order_id BIGINT NOT NULL,
	state INTEGER NOT NULL,
	reason INTEGER NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (partner_id, id)
)
WITHOUT ROWID -- sqlite
;
INSERT INTO feed SELECT id, partner_id, seq, order_id, state, reason, created_at FROM events ORDER BY partner_id, id;
DROP TABLE events;
ALTER TABLE feed RENAME TO events;
ALTER INDEX feed_pkey RENAME TO events_pkey; -- postgres
-- The last of the partner's events that were dropped; 0 = none.
ALTER TABLE counters ADD COLUMN events_gone BIGINT NOT NULL DEFAULT 0;
