-- When an answer first showed the partner what the unit delivered; 0 = no answer has.
ALTER TABLE units ADD COLUMN first_read_at BIGINT NOT NULL DEFAULT 0;
