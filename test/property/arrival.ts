// How a world arrives at a hub: in which order, what comes twice, in which requests, and where resolve
// has caught up in between. None of it may show in the outcome.
import type { SourceRecord } from '@tributary/sdk';
import type { DecisionRecord } from '../../core/src/standardise/decision-record.ts';
import fc from 'fast-check';
import type { Line } from '../support/line.ts';
import { hour, origin } from './moments.ts';
import type { WorldRecord } from './world.ts';

export interface Arrival {
  /** Sort keys, by place in the world and then by double. */
  readonly order: readonly number[];
  readonly twice: readonly number[];
  /** Per arriving record: with the one before in one request, where that is possible? */
  readonly together: readonly boolean[];
  /** Per arriving record: does resolve catch up after it? */
  readonly resolved: readonly boolean[];
  /** Most events in a resolve batch. */
  readonly batchEvents: number;
}

const most = 19;

export const arrivals: fc.Arbitrary<Arrival> = fc.record({
  order: fc.array(fc.nat(1_000), { minLength: most, maxLength: most }),
  twice: fc.array(fc.nat(), { maxLength: 3 }),
  together: fc.array(fc.boolean(), { minLength: most, maxLength: most }),
  resolved: fc.array(
    fc.integer({ min: 0, max: 3 }).map((chance) => chance === 3),
    { minLength: most, maxLength: most },
  ),
  batchEvents: fc.constantFrom(1, 2, 3, 1_000),
});

/** As the world tells it, at once. */
export const plainArrival: Arrival = {
  order: [],
  twice: [],
  together: [],
  resolved: [],
  batchEvents: 1_000,
};

/** Hands the records in, each at its time of receipt, and lets the hub resolve them up to `until`. */
export async function arrive(
  line: Line,
  records: readonly WorldRecord[],
  arrival: Arrival,
  until: number,
): Promise<void> {
  const doubles = arrival.twice.flatMap((place) => records[place % records.length] ?? []);
  const arriving = [...records, ...doubles]
    .map((record, place) => ({ record, key: arrival.order[place] ?? place }))
    .sort((left, right) => left.key - right.key)
    .map(({ record }) => record);
  let request: WorldRecord[] = [];
  const send = async (): Promise<void> => {
    const [first] = request;
    if (first === undefined) return;
    line.time.now = first.receivedAt;
    const decisions = request.flatMap(decisionOf);
    for (const decision of decisions) await line.intake.decide(decision, first.receivedAt);
    if (decisions.length === 0) await line.accept(first.source, request.map(emit));
    request = [];
  };
  const clock = clockUntil(until, arriving.length);
  for (const [place, record] of arriving.entries()) {
    const [first] = request;
    const fits = first?.source === record.source && first.receivedAt === record.receivedAt;
    if (!fits || arrival.together[place] === false) await send();
    request.push(record);
    if (arrival.resolved[place] !== true) continue;
    await send();
    line.time.now = clock(place);
    await line.resolve();
  }
  await send();
  line.time.now = until;
  await line.resolve();
}

/** Time passes while records arrive. */
function clockUntil(until: number, steps: number): (place: number) => number {
  const start = origin - hour;
  return (place) => Math.floor(start + ((until - start) * place) / (steps + 1));
}

/** They go in by a door of their own. */
function decisionOf({ id, decision, names, upTo }: WorldRecord): DecisionRecord[] {
  const [one, other] = names.map(identifierOf);
  if (decision === undefined || one === undefined || other === undefined) return [];
  const identifiers = [one, other] as const;
  const reach = upTo === undefined ? {} : { upTo };
  return [{ type: 'decision', decision, messageId: id, identifiers, actor: 'key:test', ...reach }];
}

function emit(record: WorldRecord): SourceRecord {
  const { trust, probability, timestamp, historical, consents, gpc } = record;
  const base = {
    messageId: record.id,
    identifiers: record.names.map(identifierOf),
    origin: record.origin,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(trust === undefined ? {} : { trust }),
    ...(probability === undefined ? {} : { probability }),
    ...(historical === undefined ? {} : { historical }),
    ...(gpc ? { context: { gpc } } : {}),
  };
  switch (record.kind) {
    case 'identify':
      return { ...base, type: 'identify', traits: record.traits };
    case 'track':
      return { ...base, type: 'track', event: record.event, properties: record.properties };
    case 'page':
      return { ...base, type: 'page', properties: record.properties };
    case 'alias':
      return { ...base, type: 'alias', previous: identifierOf(record.previous ?? '') };
    case 'consent':
      return { ...base, type: 'consent', consents: consents.map(changeOf) };
    case 'delete':
      return { ...base, type: 'delete' };
    case 'decision':
      throw new Error('no source emits a decision');
  }
}

function identifierOf(name: string): { namespace: string; value: string } {
  const split = name.indexOf(':');
  return { namespace: name.slice(0, split), value: name.slice(split + 1) };
}

function changeOf({ purpose, channel, status, expiresAt }: WorldRecord['consents'][number]) {
  return {
    purpose,
    status,
    ...(channel === undefined ? {} : { channel }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
}
