-- delivery ----------------------------------------------------------------------------------------
-- Destinations that were down when they were last called: a process that starts knows it, and blames no record.
CREATE TABLE destination_down (
  instance text PRIMARY KEY,
  since timestamptz -- null: it is up again
);
