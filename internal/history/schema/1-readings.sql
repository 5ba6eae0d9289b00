-- Times are whole seconds since 1970-01-01 UTC. Glucose is in whole mg/dL.

-- Everybody whose glucose was ever followed here.
CREATE TABLE people (
  person   INTEGER PRIMARY KEY, -- short key, used by the other tables
  id       TEXT NOT NULL UNIQUE, -- the service's own id
  name     TEXT NOT NULL,
  followed INTEGER NOT NULL DEFAULT 0 -- when they were last chosen to be followed, 0 for never
) STRICT;

-- One measurement a row. Origins are kept apart: graph points are smoothed
-- and lag, and must not be mixed with live values for trend or alarms.
CREATE TABLE readings (
  person INTEGER NOT NULL REFERENCES people (person),
  origin INTEGER NOT NULL CHECK (origin BETWEEN 0 AND 2), -- 0 live, 1 graph of the service, 2 imported from a file
  time   INTEGER NOT NULL, -- by the sensor's own clock
  mgdl   INTEGER NOT NULL,
  trend  INTEGER NOT NULL DEFAULT 0, -- 0 unknown, 1 falling fast, 2 falling, 3 flat, 4 rising, 5 rising fast
  scale  INTEGER NOT NULL DEFAULT 0, -- 0 in scale, 1 the sensor said LO, 2 the sensor said HI
  PRIMARY KEY (person, origin, time)
) STRICT, WITHOUT ROWID;

-- What the program remembers beside, such as the fault that stands.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The readings as people read them, for sqlite3 on the command line:
-- SELECT * FROM readings_for_people ORDER BY time DESC LIMIT 20;
CREATE VIEW readings_for_people AS
SELECT
  people.name AS name,
  strftime('%Y-%m-%dT%H:%M:%SZ', readings.time, 'unixepoch') AS time,
  mgdl,
  (mgdl * 10 + 9) / 18 / 10.0 AS mmol,
  CASE trend WHEN 1 THEN 'falling_fast' WHEN 2 THEN 'falling' WHEN 3 THEN 'flat'
    WHEN 4 THEN 'rising' WHEN 5 THEN 'rising_fast' ELSE 'unknown' END AS trend,
  CASE scale WHEN 1 THEN 'LO' WHEN 2 THEN 'HI' ELSE '' END AS scale,
  CASE origin WHEN 0 THEN 'live' WHEN 1 THEN 'graph' ELSE 'imported' END AS origin
FROM readings JOIN people USING (person);
