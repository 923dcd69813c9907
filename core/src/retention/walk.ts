// Goes through the log once for everything in it that has come of age, slice by slice. What the folded rows
// said is folded anew in the same transaction, so a crash anywhere repeats a slice and never half of it.
import { dropProofs, type ProvenEntry } from '../consent/drop-proofs.ts';
import { rewriteLog, type Rewritten } from '../intake/rewrite-log.ts';
import { headerOf, type EventRow } from '../resolve/event-row.ts';
import { standardiseRow } from '../resolve/read-batch.ts';
import { lockResolved } from '../resolve/lock-resolved.ts';
import { refold } from '../resolve/refold.ts';
import { ageStored, type Horizons } from '../standardise/aged-record.ts';
import { decodePayload } from '../standardise/payload-codec.ts';
import { standardiseStored } from '../standardise/reduced-record.ts';
import { coveredIdentifiers, type StandardRecord } from '../standardise/standard-record.ts';
import { isoTime, type Transaction } from '../store/store.ts';
import { readRows } from './align.ts';
import { readHorizons } from './horizons.ts';
import * as plans from './plans.ts';
import { finishRules } from './finish.ts';
import type { RetentionWorld, RuleRow } from './world.ts';

/** Log numbers that one statement looks at, and most rows that one transaction changes. */
const window = 5_000;
const mostRows = 500;

/** @returns false where there is no walk under way. */
export async function walkSlice(world: RetentionWorld): Promise<boolean> {
  return world.store.transaction('resolve', async (transaction) => {
    await lockResolved(transaction);
    const [walk] = await transaction.query<{ reached: number; upTo: number }>(plans.selectWalk);
    if (walk === undefined) return false;
    const rules = (await readRows(transaction)).filter(isOfLogRow);
    if (walk.reached >= walk.upTo) {
      await finish(transaction, rules, world);
      return true;
    }
    const end = Math.min(walk.reached + window, walk.upTo);
    const events = await transaction.query<EventRow>(plans.selectAgeing, [
      walk.reached,
      end,
      rules.map(({ rule }) => sourceOf(rule)),
      rules.map(({ sweptTo }) => isoTime(sweptTo)),
      rules.map(({ before }) => isoTime(before)),
      mostRows,
    ]);
    await ageEvents(transaction, events, world);
    const reached = events.length < mostRows ? end : events.at(-1)?.number;
    await transaction.query(plans.moveWalk, [reached]);
    return true;
  });
}

function isOfLogRow({ rule }: RuleRow): boolean {
  return /^(source|purpose):/.test(rule);
}

/** '' for what is in records of any source. */
function sourceOf(rule: string): string {
  return rule.startsWith('source:') ? rule.slice('source:'.length) : '';
}

interface Aged extends Rewritten {
  readonly event: EventRow;
  readonly before: StandardRecord | undefined;
}

async function ageEvents(
  transaction: Transaction,
  events: readonly EventRow[],
  { room }: RetentionWorld,
): Promise<void> {
  const horizons = await readHorizons(transaction);
  const aged = events.flatMap((event): Aged[] => {
    const old = decodePayload({ keyId: event.key_id, bytes: event.payload });
    const stored = ageStored(old, { ...room, header: headerOf(event), horizons });
    if (stored === undefined) return [];
    const was = standardiseRow(event, room);
    const before = was !== undefined && 'record' in was ? was.record : undefined;
    return [{ number: event.number, stored, event, before }];
  });
  if (aged.length === 0) return;
  await rewriteLog(transaction, aged);
  await dropProofs(
    transaction,
    aged.flatMap((one) => proofsGone(one, horizons)),
  );
  await refold(
    transaction,
    {
      before: aged.flatMap(({ number, before }) =>
        before?.subject === undefined
          ? []
          : [{ hash: before.subject.hash, number, saysTraits: before.type === 'identify' }],
      ),
      after: aged.flatMap(({ event, stored }) => {
        const rest = standardiseStored(headerOf(event), stored, room.settings, room.keys);
        return rest !== undefined && 'record' in rest ? [rest.record] : [];
      }),
    },
    room,
  );
  await noteRemoved(transaction, aged, horizons);
}

/** Explicit statements come first among a record's consents, whatever else it says. */
function proofsGone({ event, before }: Aged, { purposes }: Horizons): ProvenEntry[] {
  if (before === undefined) return [];
  const named = coveredIdentifiers(before);
  return before.consents.flatMap(({ purpose, evidence, textVersion }, place) => {
    const isProven = evidence !== undefined || textVersion !== undefined;
    if (!isProven || event.at >= (purposes.get(purpose) ?? -Infinity)) return [];
    return named.map(({ hash }) => ({ hash, number: event.number, place }));
  });
}

async function noteRemoved(
  transaction: Transaction,
  aged: readonly Aged[],
  { sources, purposes }: Horizons,
): Promise<void> {
  const removed = new Map<string, number>();
  for (const { event } of aged) {
    const { source, at } = event;
    const names = [
      ...(at < (sources.get(source) ?? -Infinity) ? [`source:${source}`] : []),
      ...[...purposes].flatMap(([purpose, before]) => (at < before ? [`purpose:${purpose}`] : [])),
    ];
    for (const name of names.slice(0, 1)) removed.set(name, (removed.get(name) ?? 0) + 1);
  }
  await transaction.query(plans.noteRemoved, [[...removed.keys()], [...removed.values()]]);
}

async function finish(
  transaction: Transaction,
  rules: readonly RuleRow[],
  { room }: RetentionWorld,
): Promise<void> {
  await transaction.query(plans.endWalk);
  await finishRules(
    transaction,
    rules.map(({ rule }) => rule),
    room.now(),
  );
}
