-- delivery ----------------------------------------------------------------------------------------
-- When the vendor took the job that an action or a forwarded event is part of: no job is waited for for ever.
ALTER TABLE action ADD COLUMN taken_at timestamptz;
ALTER TABLE forward ADD COLUMN taken_at timestamptz;
