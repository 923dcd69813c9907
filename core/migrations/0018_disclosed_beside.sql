-- delivery ----------------------------------------------------------------------------------------
-- False: it was only ever handed over beside the identifier by which the destination knows her.
ALTER TABLE disclosure ADD COLUMN keyed boolean NOT NULL DEFAULT true;
