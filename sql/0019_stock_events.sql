-- What an operator is told of the stock, once per crossing: `remaining` fell below `mark`, the largest of the product's
-- batches that are for sale.
CREATE TABLE stock_events (
	id BIGINT PRIMARY KEY,
	kind INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	sandbox INTEGER NOT NULL,
	remaining BIGINT NOT NULL,
	mark BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);
