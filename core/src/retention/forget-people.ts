// People of whom nothing was heard for longer than config keeps them are forgotten as if they had asked for
// it: by a record in the log, so that a rebuild forgets them as well. Where one of their identifiers said no,
// that no is said again on its own: it is all that is left of them.
import type { ConsentRecord } from '@tributary/sdk';
import type { ConsentSettings } from '../consent/settings.ts';
import { awaitResolved } from '../privacy/await-resolved.ts';
import { readerOf } from '../store/reader.ts';
import { isoTime, type Queryable } from '../store/store.ts';
import { finishRules } from './finish.ts';
import * as plans from './plans.ts';
import type { Forgotten, RetentionWorld, RuleRow } from './world.ts';

/** Profiles that one statement looks at. */
const mostProfiles = 200;
const firstProfile = '00000000-0000-0000-0000-000000000000';

interface Unheard {
  readonly id: string;
  readonly unheard: boolean;
  readonly bare: boolean;
  readonly granted: boolean;
}

/** One slice of people. @returns true where something is left to do. */
export async function forgetPeople(
  rows: readonly RuleRow[],
  world: RetentionWorld,
): Promise<boolean> {
  const row = rows.find(
    ({ rule, sweptTo, before }) => rule.startsWith('people') && sweptTo < before,
  );
  if (row === undefined) return false;
  const { store, room, clock } = world;
  const reader = readerOf(store);
  await awaitResolved(reader, clock);
  const found = await selectUnheard(reader, row, world);
  const chosen = found.filter(
    ({ unheard, bare, granted }) => unheard && !bare && (row.rule === 'people' || !granted),
  );
  if (chosen.length > 0) await forget(chosen, row, world);
  const last = found.at(-1)?.id;
  await store.transaction('background', async (transaction) => {
    await transaction.query(plans.noteRemoved, [[row.rule], [chosen.length]]);
    if (last === undefined) await finishRules(transaction, [row.rule], room.now());
    else await transaction.query(plans.notePlace, [row.rule, last]);
  });
  return true;
}

function selectUnheard(
  queryable: Queryable,
  { before, place }: Pick<RuleRow, 'before' | 'place'>,
  { room }: Pick<RetentionWorld, 'room'>,
): Promise<Unheard[]> {
  const { consent } = room.settings;
  return queryable.query<Unheard>(plans.selectUnheard, [
    place ?? firstProfile,
    isoTime(before),
    consent.regionTrait,
    regionsGranted(consent),
    isoTime(room.now()),
    mostProfiles,
  ]);
}

function regionsGranted({ purposes }: ConsentSettings): string[] {
  return [...purposes.values()].flatMap(({ regions }) =>
    [...regions].flatMap(([region, { decision }]) => (decision === 'granted' ? [region] : [])),
  );
}

async function forget(
  people: readonly Unheard[],
  { before }: RuleRow,
  world: RetentionWorld,
): Promise<void> {
  const profileIds = people.map(({ id }) => id);
  const reader = readerOf(world.store);
  const identifiers = await reader.query<Forgotten['identifiers'][number]>(
    plans.selectTheirIdentifiers,
    [profileIds],
  );
  const hashes = identifiers.map(({ hash }) => hash);
  const now = isoTime(world.room.now());
  const refusals = await reader.query<Refusal>(plans.selectRefusals, [hashes, now]);
  await world.forget({
    identifiers,
    at: before - 1,
    refusals: refusals.map((refusal) => sayAgain(refusal, before)),
  });
}

/** The record that is left of it: one identifier, so that it joins nobody, and nothing that proves it. */
function sayAgain(refusal: Refusal, at: number): ConsentRecord {
  const { namespace, value, purpose, channel, status, lawfulBasis, jurisdiction } = refusal;
  const { expiresAt } = refusal;
  return {
    type: 'consent',
    identifiers: [{ namespace, value }],
    timestamp: at,
    consents: [
      {
        purpose,
        status,
        lawfulBasis,
        evidence: { since: new Date(refusal.effectiveAt).toISOString() },
        ...(channel !== '*' && { channel }),
        ...(jurisdiction !== null && { jurisdiction }),
        ...(expiresAt !== null && { expiresAt: new Date(expiresAt).toISOString() }),
      },
    ],
  };
}

interface Refusal {
  readonly namespace: string;
  readonly value: string;
  readonly purpose: string;
  readonly channel: string;
  readonly status: 'denied' | 'withdrawn';
  readonly lawfulBasis: string;
  readonly jurisdiction: string | null;
  readonly effectiveAt: number;
  readonly expiresAt: number | null;
}
