// The actions' part of planning. An action happens when a contact point enters an audience: not one
// profile's membership, because the same address may be held by several, and merges move it around.
import { createHash } from 'node:crypto';
import { isoTime, type Transaction } from '../../store/store.ts';
import type { BookKeeper } from '../books.ts';
import type { Support } from '../plan/supports.ts';
import { uuidOf } from '../plan/vendor-keys.ts';
import type { ActionRule } from '../settings.ts';
import type { InstanceWorld } from '../world.ts';
import { loadRuleStarts, ruleKey } from './action-rules.ts';
import { loadContacts } from '../plan/contacts.ts';
import {
  deleteEpisodes,
  insertActions,
  selectEpisodes,
  selectLastActions,
  supersedeActions,
  upsertEpisodes,
} from './plans.ts';

export interface ActionInput {
  /** All that were looked at, those without support too. */
  readonly identifierIds: readonly number[];
  readonly supports: readonly Support[];
  readonly books: BookKeeper;
  readonly now: number;
}

interface Episode {
  readonly audience: string;
  readonly identifierId: number;
  readonly profileId: string;
  readonly since: number;
}

/** A contact point in an audience: the membership that began first speaks for it. */
interface Stay extends Episode {
  readonly cause: string;
  readonly support: Support;
  readonly isNew: boolean;
}

export async function planActions(
  world: InstanceWorld,
  transaction: Transaction,
  input: ActionInput,
): Promise<void> {
  if (world.settings.actions.length === 0 || input.identifierIds.length === 0) return;
  const known = await transaction.query<Episode>(selectEpisodes, [world.id, input.identifierIds]);
  const stays = findStays(world, input.supports, known);
  await writeEpisodes(world, transaction, stays);
  await endEpisodes(world, transaction, input, known, stays);
  await insertDue(
    world,
    transaction,
    input,
    stays.filter((stay) => stay.isNew),
  );
}

const episodeKey = ({
  audience,
  identifierId,
}: Pick<Episode, 'audience' | 'identifierId'>): string => JSON.stringify([audience, identifierId]);

function findStays(
  world: InstanceWorld,
  supports: readonly Support[],
  known: readonly Episode[],
): Stay[] {
  const before = new Map(known.map((episode) => [episodeKey(episode), episode]));
  const stays = new Map<string, Stay>();
  for (const audience of new Set(world.settings.actions.map((rule) => rule.audience))) {
    for (const support of supports) {
      const membership = support.memberships.get(audience);
      if (membership === undefined) continue;
      const { profileId } = support;
      const identifierId = support.identifier.id;
      const key = episodeKey({ audience, identifierId });
      const other = stays.get(key);
      if (other !== undefined && !isEarlier(membership.since, support, other)) continue;
      const { cause } = membership;
      const earlier = before.get(key);
      const since = earlier?.since ?? membership.since;
      const isNew = earlier === undefined;
      stays.set(key, { audience, identifierId, profileId, since, cause, support, isNew });
    }
  }
  return [...stays.values()];
}

function isEarlier(since: number, support: Support, other: Stay): boolean {
  const otherSince = other.support.memberships.get(other.audience)?.since ?? other.since;
  return since === otherSince ? support.profileId < other.profileId : since < otherSince;
}

async function writeEpisodes(
  world: InstanceWorld,
  transaction: Transaction,
  stays: readonly Stay[],
): Promise<void> {
  if (stays.length === 0) return;
  await transaction.query(upsertEpisodes, [
    world.id,
    stays.map((stay) => stay.audience),
    stays.map((stay) => stay.identifierId),
    stays.map((stay) => stay.profileId),
    stays.map((stay) => isoTime(stay.since)),
  ]);
}

/** What has not left yet for an episode that is over will not leave. */
async function endEpisodes(
  world: InstanceWorld,
  transaction: Transaction,
  { books, now }: ActionInput,
  known: readonly Episode[],
  stays: readonly Stay[],
): Promise<void> {
  const present = new Set(stays.map(episodeKey));
  const over = known.filter((episode) => !present.has(episodeKey(episode)));
  if (over.length === 0) return;
  const audiences = over.map((episode) => episode.audience);
  const identifierIds = over.map((episode) => episode.identifierId);
  await transaction.query(deleteEpisodes, [world.id, audiences, identifierIds]);
  const dropped = await transaction.query<{ name: string }>(supersedeActions, [
    world.id,
    audiences,
    identifierIds,
    isoTime(now),
  ]);
  for (const { name } of dropped) books.note(name, 'action', { superseded: 1 });
}

interface Planned {
  readonly rule: ActionRule;
  readonly stay: Stay;
}

async function insertDue(
  world: InstanceWorld,
  transaction: Transaction,
  { supports, books, now }: ActionInput,
  entered: readonly Stay[],
): Promise<void> {
  const candidates = entered.filter((stay) => stay.cause === 'live' || stay.cause === 'time');
  if (candidates.length === 0) return;
  const starts = await loadRuleStarts(transaction, world.id);
  const last = await loadLastActions(world, transaction, supports, candidates);
  const planned = candidates
    .flatMap((stay) =>
      world.settings.actions
        .filter((rule) => rule.audience === stay.audience)
        .map((rule) => ({ rule, stay })),
    )
    .filter(({ rule, stay }) => isSince(starts, rule, stay))
    // Before a restore: mailed already, for all that this store can know.
    .filter(({ stay }) => stay.since >= (world.restoredAt ?? 0))
    .filter((entry) => !last.forbids(entry, now));
  if (planned.length === 0) return;
  const rows = await insertPlanned(world, transaction, planned, now);
  for (const { name, status } of rows) {
    books.note(name, 'action', status === 'due' ? { planned: 1 } : { planned: 1, filtered: 1 });
  }
}

function isSince(starts: ReadonlyMap<string, number>, rule: ActionRule, stay: Stay): boolean {
  const start = starts.get(ruleKey(rule.action, rule.audience));
  return start !== undefined && stay.since >= start;
}

interface LastActions {
  forbids(entry: Planned, now: number): boolean;
}

/** Cool-down per contact point; and where only the primary one is used, one action per person and episode. */
async function loadLastActions(
  world: InstanceWorld,
  transaction: Transaction,
  supports: readonly Support[],
  candidates: readonly Stay[],
): Promise<LastActions> {
  const siblings = await loadSiblings(world, transaction, candidates);
  const ids = new Set([
    ...supports.map((support) => support.identifier.id),
    ...[...siblings.values()].flat(),
  ]);
  const rows = await transaction.query<{
    name: string;
    audience: string;
    identifierId: number;
    at: number;
  }>(selectLastActions, [world.id, [...ids]]);
  const at = new Map(
    rows.map((row) => [JSON.stringify([row.name, row.audience, row.identifierId]), row.at]),
  );
  const lastAt = (rule: ActionRule, id: number): number =>
    at.get(JSON.stringify([rule.action, rule.audience, id])) ?? -Infinity;
  return {
    forbids({ rule, stay }, now) {
      if (now - lastAt(rule, stay.identifierId) < rule.coolDownMs) return true;
      const others = siblings.get(stay.profileId) ?? [];
      return others.some((id) => lastAt(rule, id) >= stay.since);
    },
  };
}

async function loadSiblings(
  world: InstanceWorld,
  transaction: Transaction,
  candidates: readonly Stay[],
): Promise<Map<string, number[]>> {
  if (world.settings.contactPoints === 'all') return new Map();
  const contacts = await loadContacts(
    transaction,
    candidates.map((stay) => stay.profileId),
    {
      namespaces: world.destination.plugin.identifiers,
      contactPoints: 'all',
      primary: world.profile.primary,
    },
  );
  const byProfile = Map.groupBy(contacts, (contact) => contact.profileId);
  return new Map([...byProfile].map(([id, own]) => [id, own.map((contact) => contact.id)]));
}

/** Where consent is missing at this moment the row says so: the moment will not come again. */
async function insertPlanned(
  world: InstanceWorld,
  transaction: Transaction,
  planned: readonly Planned[],
  now: number,
): Promise<{ name: string; status: string }[]> {
  const status = ({ stay }: Planned): string =>
    stay.support.consent.granted && !stay.support.consent.forbidden ? 'due' : 'filtered';
  return transaction.query<{ name: string; status: string }>(insertActions, [
    world.id,
    planned.map(({ rule, stay }) => actionId(world.id, rule, stay)),
    planned.map(({ rule }) => rule.action),
    planned.map(({ rule }) => rule.audience),
    planned.map(({ stay }) => stay.identifierId),
    planned.map(({ stay }) => stay.profileId),
    planned.map(({ stay }) => isoTime(stay.since)),
    planned.map(status),
    isoTime(now),
    planned.map((entry) =>
      status(entry) === 'due' ? null : `consent: ${entry.stay.support.consent.reason}`,
    ),
  ]);
}

/** The same for the same cause, whatever became of the tables: the vendor may dedupe by it. */
function actionId(instance: string, rule: ActionRule, stay: Stay): string {
  const cause = [instance, rule.action, rule.audience, stay.support.identifier.hash, stay.since];
  return uuidOf(createHash('sha256').update(JSON.stringify(cause)).digest('hex'));
}
