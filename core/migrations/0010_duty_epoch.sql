-- Who takes duty over changes the epoch: with a unique index that waits for whoever holds a key share of the
-- row, in processes of the version before as well. A renewal changes no such column and waits for nobody.
CREATE UNIQUE INDEX duty_epoch ON duty (epoch);
