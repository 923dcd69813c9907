// Why somebody is at a destination or is not: membership, contact point, consent, stops, what the vendor
// said, and what holds the instance up, in the order in which they decide.
import { readConsentHistory } from '../../../consent/history.ts';
import type {
  ContactExplanation,
  DeliveryExplanation,
  ListExplanation,
} from '../../../delivery/explain-delivery.ts';
import type { DeliveryExplained, Reason } from '../../explanations.ts';
import { readerOf, type Rooms } from '../rooms.ts';
import { identifierWords, saidWords, timeWords } from './words.ts';

export interface DeliveryQuestion {
  readonly profileId: string;
  readonly instance: string;
  /** undefined: every list. */
  readonly list: string | undefined;
  readonly now: number;
}

export async function explainDelivery(
  rooms: Rooms,
  { profileId, instance, list, now }: DeliveryQuestion,
): Promise<DeliveryExplained> {
  const found = await rooms.delivery.explain(instance, profileId);
  const entries = await consentReasons(rooms, profileId, found);
  const contacts = found.contacts.map((contact) => ({
    ...contact,
    lists: contact.lists.filter((one) => list === undefined || one.list === list),
  }));
  const rows = contacts.flatMap((contact) => contact.lists.flatMap(({ row }) => row ?? []));
  const there = rows.some(({ presence }) => presence === 'confirmed' || presence === 'accepted');
  const doubted = rows.some(({ presence }) => presence === 'in_doubt');
  const due = rows.flatMap(({ status, dueAt }) =>
    (status === 'due' || status === 'polling') && dueAt !== null ? [dueAt] : [],
  );
  const nextAttemptAt = due.length === 0 ? undefined : Math.max(Math.min(...due), found.nextCallAt);
  return {
    answer: there
      ? `At ${instance}.`
      : doubted
        ? `Perhaps at ${instance}: the answer is not known yet.`
        : `Not at ${instance}.`,
    because: [
      ...instanceReasons(found, now),
      ...contacts.map((contact) => contactReason(contact, entries)),
      ...(contacts.length === 0 ? [noContact(found)] : []),
      ...found.actions.map(({ name, audience, status, reason, plannedAt }) => ({
        says: `action ${name} for ${audience} of ${timeWords(plannedAt)}: ${status}${reason === null ? '' : `, ${reason}`}`,
      })),
      ...(nextAttemptAt === undefined
        ? []
        : [{ says: `next attempt at ${timeWords(Math.max(nextAttemptAt, now))}` }]),
    ],
    there,
    nextAttemptAt: nextAttemptAt === undefined ? undefined : Math.max(nextAttemptAt, now),
  };
}

function instanceReasons(found: DeliveryExplanation, now: number): readonly Reason[] {
  const { instance, dryRun, down, nextCallAt } = found;
  const { state, code, message, since } = instance;
  const reasons: Reason[] = [];
  if (state !== 'running') {
    const why = [code, message].filter((text) => text !== null && text !== '').join(': ');
    reasons.push({
      says: `the destination runs; it is ${state} since ${timeWords(since)} (${why})`,
      holds: false,
    });
  }
  if (dryRun) reasons.push({ says: 'it sends; it is a dry run by config', holds: false });
  if (down) reasons.push({ says: 'the vendor answers; it seems to be down', holds: false });
  if (nextCallAt > now) {
    reasons.push({ says: `calls are held back until ${timeWords(nextCallAt)}`, holds: false });
  }
  return reasons;
}

function noContact({ addresses }: DeliveryExplanation): Reason {
  return {
    says: `the person has one of ${addresses.join(', ')}, which it can address`,
    holds: false,
  };
}

function contactReason(contact: ContactExplanation, entries: readonly Reason[]): Reason {
  const { chosen, keyProblem, lists, deadLetters, consent } = contact;
  const name = identifierWords(contact.contact);
  if (!chosen) {
    return { says: `${name} is sent; another contact point of hers is, by config`, holds: false };
  }
  return {
    says: name,
    because: [
      ...(keyProblem === undefined
        ? []
        : [{ says: `the vendor can know it: ${keyProblem}`, holds: false }]),
      ...(consent ? [consentReason(consent, entries)] : []),
      ...lists.map(listReason),
      ...deadLetters.map(({ id, code, message, at }) => ({
        says: `dead letter ${id} of ${timeWords(at)}: ${code}: ${message}`,
        holds: false,
      })),
    ],
  };
}

function consentReason(
  { granted, reason, unresolved }: NonNullable<ContactExplanation['consent']>,
  entries: readonly Reason[],
): Reason {
  const waits = unresolved ? '; a stop of another address is being resolved' : '';
  return {
    says: `she may be reached there: ${consentWords(reason)}${waits}`,
    holds: granted,
    ...(entries.length > 0 && { because: entries }),
  };
}

function consentWords(reason: string): string {
  switch (reason) {
    case 'no_entry':
      return 'no entry in the consent ledger, and silence is no';
    case 'stopped':
      return 'a withdrawal or erasure stopped her';
    case 'region_default':
      return 'by the default of her region';
    default:
      return reason;
  }
}

function listReason({
  list,
  audiences,
  memberOf,
  desired,
  spokenForBy,
  row,
}: ListExplanation): Reason {
  const named = audiences.filter((name) => name !== undefined);
  const because: Reason[] = [];
  if (named.length > 0) {
    because.push({ says: `a member of ${named.join(' or ')}`, holds: memberOf.length > 0 });
  }
  if (!desired.wanted)
    because.push({ says: `wanted there: no, for ${desired.cause}`, holds: false });
  if (spokenForBy !== undefined) {
    because.push({ says: `profile ${spokenForBy}, which holds it too, speaks for it` });
  }
  if (row) {
    const { status, presence, operation, attempts, dueAt, reason, changedAt } = row;
    const open = status === 'settled' ? '' : `, ${operation ?? 'change'} ${status}`;
    const tried = attempts > 0 ? `, ${attempts} attempts` : '';
    const again = dueAt === null || status === 'settled' ? '' : `, due at ${timeWords(dueAt)}`;
    const why = reason === null ? '' : `: ${reason}`;
    because.push({
      says: `ledger: ${presence} since ${timeWords(changedAt)}${open}${tried}${again}${why}`,
    });
  } else {
    because.push({ says: 'ledger: never sent' });
  }
  return {
    says: list === '' ? 'her profile' : `list ${list}`,
    holds: row?.presence === 'confirmed' || row?.presence === 'accepted',
    because,
  };
}

/** The newest entries of the ledger for what the destination is used for. */
async function consentReasons(
  { store }: Rooms,
  profileId: string,
  { purposes, channel }: DeliveryExplanation,
): Promise<readonly Reason[]> {
  const history = await readConsentHistory(readerOf(store), profileId, 1_000);
  return history
    .filter(
      (entry) =>
        purposes.includes(entry.purpose) && (entry.channel === '*' || entry.channel === channel),
    )
    .slice(0, 5)
    .map((entry) => ({
      says: `${entry.purpose} ${entry.status} for ${identifierWords(entry.identifier)}, ${saidWords({ source: entry.source, at: entry.effectiveAt, number: entry.record })}${entry.expiresAt !== undefined && Number.isFinite(entry.expiresAt) ? `, until ${timeWords(entry.expiresAt)}` : ''}`,
    }));
}
