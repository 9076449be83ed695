-- Which node has a job in hand: fence * 32 + slot of its row of nodes; 0 = nobody. A job whose owner is no row with a
-- running lease is taken over by whoever finds it first, and its fence is raised. No index: only a node's end is a
-- reason to look for its jobs, and then all that are due are read in their order.
ALTER TABLE jobs ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;

-- The highest id among the partner's rows: whoever writes for the partner next, on whichever node, draws higher ones.
ALTER TABLE counters ADD COLUMN id_high BIGINT NOT NULL DEFAULT 0;
