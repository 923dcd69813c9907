-- What was put aside of the log is looked up by its number, by a rebuild for every batch.
CREATE INDEX quarantine_number ON quarantine (number) WHERE number IS NOT NULL;

-- What is older than it is kept is looked for again and again, and hardly ever there.
CREATE INDEX quarantine_age ON quarantine (received_at, id)
  WHERE settled_reason IS DISTINCT FROM 'older than it is kept';
