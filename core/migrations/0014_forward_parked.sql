-- delivery ----------------------------------------------------------------------------------------
-- Events that their lane has no room for yet. The lane is as it was when they were taken up: what is said of the
-- record later, by config or an erasure, changes neither its place nor that it is to be forwarded.
CREATE TABLE forward_parked (
  instance text NOT NULL,
  lane uuid NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (instance, lane, number)
);
