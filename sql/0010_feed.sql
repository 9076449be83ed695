-- Which eSIM of its order a package was bought for.
ALTER TABLE esim_links ADD COLUMN unit INTEGER NOT NULL DEFAULT 1;
