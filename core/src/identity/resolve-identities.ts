// Who is who after a batch of records. What it writes is a pure function of all records so far,
// whatever their order, their doubles and their batches.
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import type { IdentityChange } from './change.ts';
import { noteContacts } from './contacts.ts';
import { describeChange } from './describe-change.ts';
import type { LoginOrder } from './device-spans.ts';
import { moveDevices } from './devices.ts';
import { eraseIdentifiers, noteErasures } from './erase.ts';
import { decidePairs } from './decide.ts';
import { gatherFacts, gatherNamed, type Gathered } from './gather.ts';
import { insertNew, internIdentifiers, type LatentKeys } from './intern.ts';
import { loadKnown, type Known } from './known.ts';
import { knownOf, observePairs } from './observe.ts';
import type { PairOrderMaker } from './pair-order.ts';
import { findReaddressed } from './readdressed.ts';
import { regroup } from './regroup.ts';
import type { IdentitySettings } from './settings.ts';

export type { IdentityChange } from './change.ts';

/** Left out in the hub; a test puts a wrong one in to see that it would be noticed. */
export interface IdentityOrders {
  readonly pairs?: PairOrderMaker;
  readonly logins?: LoginOrder;
}

/** Up to some thousand records, in a transaction that nobody else resolves beside. */
export async function resolveIdentities(
  transaction: Transaction,
  records: readonly StandardRecord[],
  settings: IdentitySettings,
  keys: LatentKeys,
  orders: IdentityOrders = {},
): Promise<IdentityChange> {
  const known = await loadKnown(transaction, gatherNamed(records));
  const asksErasure = await noteErasures(transaction, records, known);
  const gathered = gatherFacts(records, known.erasedAt);
  const { sightings } = gathered;
  const erasures = await eraseIdentifiers(transaction, asksErasure, sightings, known);
  const aged = await internIdentifiers(transaction, sightings, known, keys);
  const decided = await decidePairs(transaction, gathered.decisions, known);
  const changed = await observePairs(transaction, gathered.pairs, known, decided.retractedAt);
  const labels = new Set([...erasures.labels, ...decided.labels]);
  const everyPair = labels.size > 0 || gathered.decisions.length > 0;
  const cause = { changed, aged, labels, everyPair };
  const { moves, reweighed, largest } = await regroup(
    transaction,
    cause,
    known,
    settings,
    orders.pairs,
  );
  const { logins } = gathered;
  await insertNew(transaction, known, logins);
  const asked = askedDevices(gathered, known);
  const facts = { logins, asked, lost: erasures.devices };
  const devices = await moveDevices(transaction, facts, known, orders.logins);
  const { former, holders } = await noteContacts(transaction, gathered.contacts, known);
  const concerned = [...erasures.concerned, ...former];
  const firstNumber = records[0]?.number ?? 0;
  const { causes } = decided;
  const outcome = { firstNumber, gathered, known, changed, causes, moves, devices };
  const change = describeChange({ ...outcome, erasures: { ...erasures, concerned } });
  const reach = { known, changed, decided: causes.keys(), reweighed, holders };
  const readdressed = await findReaddressed(transaction, reach);
  return { ...change, readdressed, largestComponent: largest };
}

type Asked = Parameters<typeof moveDevices>[1]['asked'];

function askedDevices(gathered: Gathered, known: Known): Asked {
  const asked: Asked[number][] = [];
  for (const [record, subject] of gathered.subjects) {
    if (subject.kind === 'device') asked.push({ record, device: knownOf(subject, known) });
  }
  return asked;
}
