-- The guard against mass sending counts what has left within the hour, whenever it was planned.
CREATE INDEX action_settled ON action (instance, settled_at) WHERE status IN ('delivered', 'rejected');
