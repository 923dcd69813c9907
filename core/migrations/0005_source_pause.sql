-- Sources that an operator paused: they pull nothing and take nothing until somebody resumes them.
CREATE TABLE source_pause (
  source text PRIMARY KEY,
  at timestamptz NOT NULL
);
