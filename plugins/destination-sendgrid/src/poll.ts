// How a job stands. An addition is believed when the vendor says completed; everything else is judged by
// the contacts themselves, because removals have no status of their own and a failed import says how
// many failed, not who.
import { sameOutcome } from '@tributary/sdk';
import type { DeliveryBase, DeliveryOutcome, Outcome } from '@tributary/sdk';
import { believeAbsence, lookOnceMore, mayStillAppear } from './absence.ts';
import { addingKey, type SendgridCall } from './connection.ts';
import { loadErrorWords, readImport, type ErrorWords, type Import } from './imports.ts';
import { readJob, type Job } from './jobs.ts';
import { lookUp, otherIdentifiers, type FoundContact } from './look-up.ts';
import { rejectionOf } from './send-in-parts.ts';

export type PollCall = SendgridCall & {
  readonly job: string;
  readonly deliveries: readonly DeliveryBase[];
};

/** A removal that shows no effect for so long is asked for again. */
const longestRemovalMs = 10 * 60_000;

export async function pollJob(call: PollCall): Promise<DeliveryOutcome[]> {
  const job = readJob(call.job);
  if (job === undefined) {
    return sameOutcome(call.deliveries, { kind: 'retry', reason: 'the job cannot be read' });
  }
  switch (job.kind) {
    case 'add':
    case 'upsert':
      return pollUpload(call, job);
    case 'remove':
    case 'absent':
    case 'delete':
      return pollRemoval(call, job);
  }
}

async function pollUpload(call: PollCall, job: Job): Promise<DeliveryOutcome[]> {
  const { connection, deliveries, signal } = call;
  const state = await readImport(connection.client, job.id, signal);
  if (state.status === 'pending') return sameOutcome(deliveries, stillRunning(call));
  for (const { key } of deliveries) connection.adding.delete(addingKey(job.listId, key));
  if (state.status === 'completed') return confirm(call);

  const words = await loadErrorWords(call, state.errorsUrl);
  const { found } = await lookUp(connection.client, keysOf(deliveries), signal);
  return deliveries.map(({ handle, key }) => ({
    handle,
    outcome: judgeUpload(call, { job, state, words, key, contact: found.get(key) }),
  }));
}

function stillRunning({ job }: PollCall): Outcome {
  return { kind: 'accepted', job };
}

/** Names the contacts' ids, which make a later removal one request instead of two. */
async function confirm({ connection, deliveries, signal }: PollCall): Promise<DeliveryOutcome[]> {
  const { found } = await lookUp(connection.client, keysOf(deliveries), signal);
  return deliveries.map(({ handle, key }) => ({ handle, outcome: delivered(found.get(key)) }));
}

interface UploadEvidence {
  readonly job: Job;
  readonly state: Import;
  readonly words: ErrorWords | undefined;
  readonly key: string;
  readonly contact: FoundContact | undefined;
}

function judgeUpload(call: PollCall, evidence: UploadEvidence): Outcome {
  const { contact, key, state, words } = evidence;
  const complaint = words?.(key);
  if (complaint === undefined && hasTakenEffect(evidence)) return delivered(contact);
  if (state.status === 'gone') {
    return {
      kind: 'retry',
      reason: 'SendGrid does not know the job and the contact does not show it',
    };
  }
  if (contact !== undefined && learnIdentifiers(call, key, contact)) {
    return {
      kind: 'retry',
      reason: 'the contact has more identifiers; sent again with all of them',
    };
  }
  if (state.status === 'failed' && words === undefined) {
    return { kind: 'retry', reason: 'the job failed as a whole, and SendGrid does not say why' };
  }
  return { kind: 'rejected', reason: complaint ?? 'the job failed for this contact' };
}

function hasTakenEffect({ job, state, words, contact }: UploadEvidence): boolean {
  if (words !== undefined) return true;
  if (contact === undefined) return false;
  return job.kind === 'add'
    ? contact.listIds.includes(job.listId)
    : contact.updatedAt >= state.startedAt;
}

/** SendGrid updates a contact only when all its identifiers are named. True when there was one to learn. */
function learnIdentifiers(
  { connection }: PollCall,
  key: string,
  { identifiers }: FoundContact,
): boolean {
  const known = connection.identifiers.get(key) ?? {};
  const isNew = otherIdentifiers.some((type) => identifiers[type] !== known[type]);
  if (isNew) connection.identifiers.set(key, identifiers);
  return isNew;
}

async function pollRemoval(call: PollCall, job: Job): Promise<DeliveryOutcome[]> {
  const { connection, clock, deliveries, signal } = call;
  const { found, refused } = await lookUp(connection.client, keysOf(deliveries), signal);
  const isLate = clock.now() - job.startedAt > longestRemovalMs;
  return deliveries.map(({ handle, key }) => {
    const contact = found.get(key);
    const refusal = refused.get(key);
    if (refusal !== undefined) return { handle, outcome: rejectionOf(refusal) };
    const gone =
      contact === undefined || (job.listId !== '' && !contact.listIds.includes(job.listId));
    if (gone) return { handle, outcome: judgeAbsence(call, job, key, contact) };
    const again = job.kind === 'absent' || isLate;
    const retry: Outcome = { kind: 'retry', reason: 'the contact is still there' };
    return { handle, outcome: again ? retry : stillRunning(call) };
  });
}

function judgeAbsence(
  call: PollCall,
  { kind, listId }: Job,
  key: string,
  contact: FoundContact | undefined,
): Outcome {
  if (kind !== 'absent' && mayStillAppear(call, listId, key)) return lookOnceMore(call, listId);
  believeAbsence(call, listId, key);
  return delivered(contact);
}

function delivered(contact: FoundContact | undefined): Outcome {
  return { kind: 'delivered', ...(contact === undefined ? {} : { vendorId: contact.id }) };
}

function keysOf(deliveries: readonly DeliveryBase[]): string[] {
  return deliveries.map(({ key }) => key);
}
