-- Every alarm that was raised, and what became of it.
CREATE TABLE alarms (
  alarm    INTEGER PRIMARY KEY,
  person   INTEGER NOT NULL, -- 0 for an alarm before anybody was followed
  time     INTEGER NOT NULL, -- seconds since 1970-01-01 UTC
  id       TEXT NOT NULL,    -- of the engine's decision
  kind     TEXT NOT NULL,    -- urgent_low, low, high, no_data, needs_you
  level    TEXT NOT NULL,
  reason   TEXT NOT NULL,    -- why it was raised: first, worse, repeat ...
  mgdl     INTEGER NOT NULL, -- 0 when no value belongs to it
  scale    INTEGER NOT NULL, -- as in readings
  delivery TEXT NOT NULL,    -- '' as long as unknown
  answer   TEXT NOT NULL,    -- '' as long as unanswered
  answered INTEGER           -- when, NULL as long as unanswered
) STRICT;

-- A decision is one row, however often its fate is written.
CREATE UNIQUE INDEX alarms_by_decision ON alarms (person, id, time) WHERE id <> '';
CREATE INDEX alarms_by_time ON alarms (person, time);
