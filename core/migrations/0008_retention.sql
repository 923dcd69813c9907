-- Data that is older than it is kept.

-- retention ---------------------------------------------------------------------------------------
-- One row per rule of config that data ages by.
CREATE TABLE retention (
  rule text PRIMARY KEY, -- source:<id>, purpose:<name>, people, people_without_purpose, quarantine, dead_letters
  print text NOT NULL, -- what the rule covers: another one, and everything is gone through again
  before timestamptz NOT NULL, -- what is dated before counts no more
  swept_to timestamptz NOT NULL, -- what is dated before is gone from the log and every table
  place uuid, -- the profile that a run over people has reached
  removed bigint NOT NULL DEFAULT 0, -- by all runs
  removed_now bigint NOT NULL DEFAULT 0, -- by the run under way, or the last one
  finished_at timestamptz
);

-- The run under way over the log: all rules at once.
CREATE TABLE retention_walk (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  reached bigint NOT NULL,
  up_to bigint NOT NULL -- what comes later is aged as it is resolved
);
