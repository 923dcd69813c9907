// The table of failpoints: every place where the hub can be made to die. Commits are told apart by the
// statements that a transaction holds, so the hub itself knows nothing of them; a transaction that
// writes and is in no row here fails the run, and so does a row that a whole run never comes to.
import type { StoreKind } from './ground.ts';

export interface CommitPoint {
  readonly name: string;
  readonly what: string;
  /** Where nobody ever comes here. */
  readonly never?: { readonly on: StoreKind; readonly because: string };
  /** The transaction is this one when it holds one of these. Rows are tried in their order. */
  readonly marks: readonly string[];
}

export interface PassagePoint {
  readonly name: string;
  readonly what: string;
}

/** Before: the commit is not sent. During: sent, unanswered. After: answered, and nobody has acted on it. */
export const moments = ['before', 'during', 'after'] as const;
export type Moment = (typeof moments)[number];

/** What is no named statement: told by its text. */
export const markOfMigration = '(migration)';
export const markOfVacuum = '(vacuum)';

export const commitPoints: readonly CommitPoint[] = [
  { name: 'migration', what: 'the schema is brought up to date', marks: [markOfMigration] },
  {
    name: 'maintenance',
    what: 'a table is vacuumed',
    never: { on: 'server', because: 'PostgreSQL looks after its tables by itself' },
    marks: [markOfVacuum],
  },
  {
    name: 'first-start',
    what: 'the key and the first API key of a store',
    marks: ['standardise.keep_fingerprint', 'http.insert_key'],
  },
  {
    name: 'intake-checkpoint',
    what: 'records of a pull and its checkpoint',
    marks: ['intake.upsert_checkpoint'],
  },
  {
    name: 'intake-stops',
    what: 'records of which some say no, and their stops',
    marks: ['consent.insert_stops'],
  },
  {
    name: 'intake',
    what: 'records of many requests',
    marks: ['intake.append_events', 'intake.insert_quarantine'],
  },
  {
    name: 'rebuild-forget',
    what: 'a rebuild empties what it makes again, in slices',
    marks: [
      'resolve.reset_cursor',
      'resolve.forget_evidence',
      'resolve.forget_evidence_spare',
      'resolve.forget_retraction',
      'resolve.forget_never_same',
      'resolve.forget_login',
      'resolve.forget_device_span',
      'resolve.forget_contact',
      'resolve.forget_fact',
      'resolve.forget_subject_state',
      'resolve.forget_profile',
      'resolve.forget_consent_entry',
      'resolve.forget_erasure',
      'resolve.reset_identifiers',
    ],
  },
  {
    name: 'rebuild-tidy',
    what: 'a rebuild drops what no record names any more',
    marks: [
      'resolve.drop_unnamed',
      'resolve.drop_stray_members',
      'identity.delete_unnamed',
      'identity.note_forms',
      'identity.erase_unnamed',
    ],
  },
  {
    name: 'rules',
    what: 'by which rules the log was folded; that a rebuild began or is over',
    marks: ['resolve.write_rules'],
  },
  { name: 'resolve', what: 'a batch of the log and the cursor', marks: ['resolve.move_cursor'] },
  {
    name: 'audience-install',
    what: 'the rules of config become those of the store',
    marks: ['audience.upsert_definitions', 'audience.delete_definition', 'audience.mark_removed'],
  },
  {
    name: 'audience-compute',
    what: 'a slice of a new or edited audience',
    marks: [
      'audience.advance_definitions',
      'audience.advance_computed_definition',
      'audience.upsert_computed_definition',
    ],
  },
  {
    name: 'audience-time',
    what: 'memberships that time alone changed',
    marks: ['audience.upsert_memberships', 'audience.update_evaluations'],
  },
  {
    name: 'recover',
    what: 'what the process before left under way',
    marks: [
      'ledger.recover_sending',
      'forward.recover',
      'action.doubt',
      'forward.doubt',
      'forward.doubt_parked',
    ],
  },
  { name: 'claim-state', what: 'changes of lists become in doubt', marks: ['ledger.claim_due'] },
  { name: 'claim-action', what: 'mails become in doubt', marks: ['action.claim'] },
  { name: 'claim-event', what: 'events become in doubt', marks: ['forward.claim_heads'] },
  {
    name: 'claim-job',
    what: 'jobs at the vendor are asked about',
    marks: ['ledger.claim_job', 'action.claim_job', 'forward.claim_job'],
  },
  {
    name: 'plan',
    what: 'the difference between what should be there and what may be there',
    marks: [
      'plan.upsert_state',
      'plan.insert_key_holders',
      'action.upsert_episodes',
      'action.insert_rules',
      'ledger.lock_by_key_hash',
    ],
  },
  {
    name: 'settle-action',
    what: 'outcomes of mails',
    marks: ['action.settle', 'action.supersede'],
  },
  {
    name: 'read-log',
    what: 'events to be forwarded',
    marks: ['forward.upsert_cursor', 'forward.delete_parked'],
  },
  {
    name: 'settle-event',
    what: 'outcomes of events',
    marks: ['forward.update', 'forward.delete', 'forward.lock'],
  },
  {
    name: 'settle-state',
    what: 'outcomes of changes of lists, with their books',
    marks: ['ledger.write_rows', 'disclosure.forget_keys'],
  },
  {
    name: 'guard',
    what: 'the state of an instance and its guards',
    marks: [
      'delivery.upsert_instance_state',
      'delivery.stop_running',
      'delivery.end_pause',
      'guard.open_window',
      'guard.clear_windows',
      'delivery.upsert_down',
    ],
  },
  {
    name: 'hand-out',
    what: 'profile ids that leave the hub',
    marks: ['identity.insert_handed_out'],
  },
  {
    name: 'duty',
    what: 'which of several processes works; that news of a stop was heard',
    never: { on: 'embedded', because: 'nobody else can open it, so the work is not shared' },
    marks: ['duty.claim', 'duty.renew', 'duty.release', 'duty.note_heard', 'duty.take_heard'],
  },
  { name: 'audit', what: 'entries of a life or of a reading', marks: ['audit.insert_entries'] },
  {
    name: 'disclose',
    what: 'whom a call that is about to leave will show',
    marks: ['disclosure.note'],
  },
];

export const passagePoints: readonly PassagePoint[] = [
  { name: 'audit-append', what: 'entries are chained, in whatever transaction' },
  { name: 'request-arrived', what: 'a source calls; nothing is read yet' },
  { name: 'answer-due', what: 'the answer to a source is about to be written' },
  { name: 'answer-left', what: 'the answer to a source was handed to the system' },
  { name: 'pull-due', what: 'a source is about to be asked for a page' },
  { name: 'pull-answered', what: 'a page has arrived' },
  { name: 'call-due', what: 'a vendor is about to be called' },
  { name: 'call-left', what: 'the call has left' },
  { name: 'call-answered', what: 'the head of the answer is there' },
  { name: 'call-over', what: 'the answer is there' },
  { name: 'mail-left', what: 'a call with mails has left' },
  { name: 'mail-over', what: 'the answer to a call with mails is there' },
  { name: 'stop-asked', what: 'SIGTERM has arrived' },
  { name: 'stop-noted', what: 'the end is about to be written into the audit log' },
  { name: 'store-closing', what: 'the store is being closed' },
];

/** Everywhere a process can be told to die. */
export const failpoints: readonly string[] = [
  ...commitPoints.flatMap(({ name }) => moments.map((moment) => `${name}:${moment}`)),
  ...passagePoints.map(({ name }) => name),
];

/** Those that a hub on such a store passes, sooner or later. */
export function failpointsOf(kind: StoreKind): readonly string[] {
  const never = commitPoints.filter((point) => point.never?.on === kind).map(({ name }) => name);
  return failpoints.filter((failpoint) => !never.includes(nameOf(failpoint)));
}

/** Without its moment. */
export function nameOf(failpoint: string): string {
  return failpoint.replace(/:\w+$/, '');
}

/** undefined: no row is for such a transaction. */
export function commitPointOf(marks: ReadonlySet<string>): CommitPoint | undefined {
  return commitPoints.find((point) => point.marks.some((mark) => marks.has(mark)));
}
