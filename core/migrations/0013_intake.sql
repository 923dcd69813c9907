-- intake ------------------------------------------------------------------------------------------
-- How many commits have erased somebody. Whoever appends to the log says how many she knows of, so that
-- nobody commits who has not heard of all of them.
ALTER TABLE log_head ADD COLUMN erasures bigint NOT NULL DEFAULT 0,
  ADD COLUMN erasures_known bigint NOT NULL DEFAULT 0
    CONSTRAINT log_head_erasures_known CHECK (erasures_known = erasures);
