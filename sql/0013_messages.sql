-- Mails and SMS: what is to be said to whom, then the record of it. `subject_id` is the order or the payment request
-- that it is about (`about`); to whom and with which words is sealed in `doc`.
CREATE TABLE messages (
	subject_id BIGINT NOT NULL,
	about INTEGER NOT NULL,
	no INTEGER NOT NULL,
	id BIGINT NOT NULL,
	partner_id BIGINT NOT NULL,
	kind INTEGER NOT NULL,
	medium INTEGER NOT NULL,
	language INTEGER NOT NULL,
	state INTEGER NOT NULL,
	tries INTEGER NOT NULL,
	status INTEGER NOT NULL,
	error TEXT,
	doc BLOB NOT NULL,
	planned_at BIGINT NOT NULL,
	every_us BIGINT NOT NULL,
	repeats INTEGER NOT NULL,
	until_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	claimed_at BIGINT NOT NULL,
	done_at BIGINT NOT NULL,
	PRIMARY KEY (subject_id, about, no)
)
WITHOUT ROWID -- sqlite
;
