-- backup ------------------------------------------------------------------------------------------
-- What a restore leaves open is told by the destinations that are settled, not by those that were to be:
-- some come in later. Whoever runs by now and is not among those that were to be is taken for settled.
UPDATE setting SET value = value - 'pending' || jsonb_build_object('settled', coalesce((
  SELECT jsonb_agg(s.instance) FROM (SELECT instance FROM instance_state UNION SELECT instance FROM plan_state) AS s
  WHERE NOT (value -> 'pending') ? s.instance), '[]'))
WHERE name = 'restored' AND value ? 'pending';
