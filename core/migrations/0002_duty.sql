-- Which of the processes on one store resolves, pulls and delivers; the others take records in and answer
-- questions. A claim that is not renewed lapses.
CREATE TABLE duty (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  owner uuid NOT NULL,
  epoch bigint NOT NULL, -- one more with each owner: what an earlier one still writes is refused
  until timestamptz NOT NULL
);

-- Stops that another process took in and the owner has announced to the calls under way.
CREATE TABLE duty_heard (
  ask uuid PRIMARY KEY,
  at timestamptz NOT NULL
);
