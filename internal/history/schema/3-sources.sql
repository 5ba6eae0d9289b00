-- Which service told a reading: the same person may be followed through two.
-- No CHECK: it would be tried on every row of years, at the start.
ALTER TABLE readings ADD COLUMN source INTEGER NOT NULL DEFAULT 0; -- 0 LibreLinkUp, 1 Nightscout

DROP VIEW readings_for_people;

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
  CASE origin WHEN 0 THEN 'live' WHEN 1 THEN 'graph' ELSE 'imported' END AS origin,
  CASE WHEN origin = 2 THEN '' WHEN source = 1 THEN 'nightscout' ELSE 'librelinkup' END AS source
FROM readings JOIN people USING (person);
