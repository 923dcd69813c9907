// The statements of duty. Times are the database's: processes may run on machines whose clocks differ.
import { statement } from '../store/store.ts';

/**
 * Takes a claim that lapsed, or one's own again. No row: somebody else holds it. It sets the epoch, which has
 * a unique index, so it waits for all transactions that hold the fence.
 */
export const claimDuty = statement(
  'duty.claim',
  `INSERT INTO duty AS d (owner, epoch, until)
   VALUES ($1::uuid, 1, clock_timestamp() + make_interval(secs => $2::float8 / 1000))
   ON CONFLICT (one) DO UPDATE SET
     epoch = CASE WHEN d.owner = excluded.owner THEN d.epoch ELSE d.epoch + 1 END,
     owner = excluded.owner, until = excluded.until
   WHERE d.owner = excluded.owner OR d.until < clock_timestamp()
   RETURNING epoch`,
);

/**
 * No row: somebody else has taken it over. It leaves the epoch alone, so it passes the transactions that hold
 * the fence: there is always one on a hub that has much to do.
 */
export const renewDuty = statement(
  'duty.renew',
  `UPDATE duty SET until = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
   WHERE owner = $1::uuid AND epoch = $2 RETURNING epoch`,
);

export const releaseDuty = statement(
  'duty.release',
  `UPDATE duty SET until = '-infinity' WHERE owner = $1::uuid`,
);

/** In the holder's transactions: nobody can take the claim over until they have ended. */
export const lockDuty = statement(
  'duty.lock',
  `SELECT epoch FROM duty WHERE owner = $1::uuid AND epoch = $2 FOR KEY SHARE`,
);

export const selectHolder = statement(
  'duty.select_holder',
  `SELECT owner FROM duty WHERE until > clock_timestamp()`,
);

export const tellHolder = statement('duty.tell_holder', `SELECT pg_notify($1, $2)`);

export const noteHeard = statement(
  'duty.note_heard',
  `INSERT INTO duty_heard (ask, at) VALUES ($1::uuid, clock_timestamp()) ON CONFLICT DO NOTHING`,
);

/** Also those that nobody came for: whoever asked has ended meanwhile. */
export const takeHeard = statement(
  'duty.take_heard',
  `DELETE FROM duty_heard WHERE ask = ANY($1::uuid[]) OR at < clock_timestamp() - interval '1 hour'
   RETURNING ask`,
);
