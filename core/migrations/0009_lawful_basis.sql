-- On which legal basis data went where, as it was at the time.

-- delivery ----------------------------------------------------------------------------------------
CREATE TABLE disclosure_basis (
  instance text NOT NULL,
  scope text NOT NULL,
  identifier_hash uuid NOT NULL,
  purpose text NOT NULL,
  basis text NOT NULL, -- of the consent entry, or of the region, that let it pass
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (instance, scope, identifier_hash, purpose, basis)
);
CREATE INDEX disclosure_basis_identifier ON disclosure_basis (identifier_hash);

-- The same of everybody together.
CREATE TABLE processing_basis (
  instance text NOT NULL,
  scope text NOT NULL,
  purpose text NOT NULL,
  basis text NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (instance, scope, purpose, basis)
);
