-- Readings dated by clocks that were set back since: nobody knows when they
-- were. A table of their own, so that no query of readings meets them, none of
-- years is written anew, and each true reading finds its second free. The key
-- is the whole row: two of one second that differ are both kept.
CREATE TABLE doubted (
  person INTEGER NOT NULL REFERENCES people (person),
  origin INTEGER NOT NULL CHECK (origin BETWEEN 0 AND 1), -- the columns are those of readings
  time   INTEGER NOT NULL, -- as told then
  mgdl   INTEGER NOT NULL,
  trend  INTEGER NOT NULL,
  scale  INTEGER NOT NULL,
  source INTEGER NOT NULL,
  PRIMARY KEY (person, origin, time, mgdl, trend, scale, source)
) STRICT, WITHOUT ROWID;
