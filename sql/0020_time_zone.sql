-- Where days and months of a merchant begin; none: UTC.
ALTER TABLE merchants ADD COLUMN time_zone TEXT;
