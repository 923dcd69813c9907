-- identity ----------------------------------------------------------------------------------------
-- Of a value that no record names any more: the hash that it has in the form of now. Who is erased by that form is
-- erased by the earlier one as well.
ALTER TABLE identifier ADD COLUMN now_hash uuid;
CREATE INDEX identifier_now ON identifier (now_hash) WHERE now_hash IS NOT NULL;
ALTER TABLE erasure ADD COLUMN now_hash uuid;
CREATE INDEX erasure_now ON erasure (now_hash) WHERE now_hash IS NOT NULL;
