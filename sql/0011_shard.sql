-- Where the other nodes hand on requests of partners that this one owns (ADDRESS:PORT). NULL: nobody hands it any.
ALTER TABLE nodes ADD COLUMN address TEXT;
