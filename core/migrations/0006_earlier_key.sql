-- Deployment keys of before the present one, the first first, each sealed with the present one. An
-- identifier's hash goes through all of them in turn.
CREATE TABLE earlier_key (
  place smallint PRIMARY KEY,
  sealed bytea NOT NULL,
  retired_at timestamptz NOT NULL
);
