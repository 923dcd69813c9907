-- The members of a component are read slice by slice, each from where the one before ended: a component may be
-- of any size.
CREATE INDEX identifier_member ON identifier (component, id) WHERE component <> id;
DROP INDEX identifier_component;
