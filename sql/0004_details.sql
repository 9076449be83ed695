-- What a dialect shows of an order and nobody else looks at.
CREATE TABLE details (
	order_id BIGINT PRIMARY KEY,
	doc TEXT NOT NULL
	, FOREIGN KEY (order_id) REFERENCES orders (id) -- sqlite
);
