// What the planner is told, alike on both drivers. The hub's own statements look up a batch of keys:
// planned anew for each batch PostgreSQL would at some size read a whole table instead, with helper
// processes that take longer to start than the work. So they are planned once and go by indexes, however
// small or new a table is: a batch costs the same whatever is stored. Text that is made at run time
// (audiences over everybody) is planned for what it is.

/** For a session that begins. */
export const byIndexes =
  'SET plan_cache_mode TO force_generic_plan; SET enable_seqscan TO off; SET max_parallel_workers_per_gather TO 0';

/**
 * For the embedded store, where statistics are taken while everybody waits: of 3,000 rows of a table
 * instead of 30,000. Only text that is made at run time is planned by them.
 */
export const roughStatistics = 'SET default_statistics_target TO 10';

/** Takes that back until `byIndexes` is said again. */
export const asItSeesFit =
  'RESET plan_cache_mode; RESET enable_seqscan; RESET max_parallel_workers_per_gather';
