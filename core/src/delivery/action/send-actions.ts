// Carries out due actions: each at most once per contact point and episode, and only while the
// episode lasts and consent is given.
import type { JsonObject } from '@tributary/sdk';
import { isoTime, type Transaction } from '../../store/store.ts';
import { passActionGuard } from '../guards.ts';
import { selectHolders, selectLagging } from '../plan/plans.ts';
import { loadSupports, mapTraits, type Support } from '../plan/supports.ts';
import { isKeyFailure, vendorKeyOf } from '../plan/vendor-keys.ts';
import { cutBatches } from '../send/batches.ts';
import type { PluginCall } from '../send/call-plugin.ts';
import { ship, type GateFinding } from '../send/ship.ts';
import type { ActionRule } from '../settings.ts';
import type { InstanceWorld } from '../world.ts';
import { claimActions, selectEpisodes, selectNextAction } from './plans.ts';
import { disclosingGate, type BasesByHandle } from '../disclosure/bases.ts';
import {
  fieldsOf,
  passedOf,
  shownOf,
  writeDisclosures,
  type Disclosure,
} from '../disclosure/note-disclosures.ts';
import { settleActions, type ActionRow } from './settle-actions.ts';

/** What the gate found out about an action and the call then uses. */
interface Content {
  readonly key: string;
  /** Of the identifier. */
  readonly hash: string;
  readonly profileId: string;
  readonly identifier: { readonly namespace: string; readonly value: string };
  readonly traits: JsonObject;
}

/** True when some were carried out or put off: there may be more. */
export async function sendActions(world: InstanceWorld): Promise<boolean> {
  const now = isoTime(world.clock.now());
  const [next] = await world.store.query<{ name: string; audience: string }>(
    'gate',
    selectNextAction,
    [world.id, now],
  );
  if (next === undefined) return false;
  if (!(await passActionGuard(world))) return false;
  const rows = await claim(world, next);
  const items = rows.map((row) => ({ ...row, payload: {} }));
  for (const batch of cutBatches(items, world.limits)) await sendBatch(world, next, batch);
  return rows.length > 0;
}

async function claim(
  world: InstanceWorld,
  { name, audience }: { readonly name: string; readonly audience: string },
): Promise<ActionRow[]> {
  return world.store.transaction('gate', async (transaction) => {
    const rows = await transaction.query<ActionRow>(claimActions, [
      world.id,
      isoTime(world.clock.now()),
      name,
      audience,
      world.limits.batchRecords,
    ]);
    await world.handOut(transaction, [...new Set(rows.map((row) => row.profileId))]);
    return rows;
  });
}

async function sendBatch(
  world: InstanceWorld,
  { name, audience }: { readonly name: string; readonly audience: string },
  rows: readonly ActionRow[],
): Promise<void> {
  const rule = world.settings.actions.find(
    (entry) => entry.action === name && entry.audience === audience,
  );
  const contents = new Map<string, Content>();
  const bases: BasesByHandle = new Map();
  const disclosures = (): ReturnType<typeof disclosuresOf> => disclosuresOf(name, rule, contents);
  const settlements = await ship(world, {
    items: rows,
    handleOf: (row) => row.id,
    gate: disclosingGate<ActionRow>(world, {
      gate: (items) => gateActions(world, items, rule, contents),
      bases,
      disclose: (transaction, passed) =>
        writeDisclosures(world, transaction, passedOf(disclosures(), passed)),
    }),
    invoke: (call, items) => invoke(world, call, items, rule, contents),
  });
  const shown = shownOf(disclosures(), settlements, bases);
  await settleActions(world, 'sending', settlements, shown);
}

/** By handle. */
function disclosuresOf(
  name: string,
  rule: ActionRule | undefined,
  contents: ReadonlyMap<string, Content>,
): Map<string, Omit<Disclosure, 'bases'>> {
  const scope = `action:${rule?.action ?? name}`;
  return new Map(
    [...contents].map(([handle, { hash, identifier, traits }]) => [
      handle,
      { hash, scope, fields: fieldsOf(identifier.namespace, traits) },
    ]),
  );
}

/** By then time has passed for audiences, and stops are resolved. */
const lookAgainMs = 1_000;

async function gateActions(
  world: InstanceWorld,
  rows: readonly ActionRow[],
  rule: ActionRule | undefined,
  contents: Map<string, Content>,
): Promise<Map<string, GateFinding>> {
  const now = world.clock.now();
  const ids = [...new Set(rows.map((row) => row.identifierId))];
  const [episodes, supports, lagging] = await world.store.transaction(
    'gate',
    async (transaction) => {
      const lasting = await transaction.query<{
        audience: string;
        identifierId: number;
        since: number;
      }>(selectEpisodes, [world.id, ids]);
      const late = await loadLagging(transaction, ids, now);
      return [lasting, await loadSupports(world, transaction, ids), late];
    },
  );
  const findings = new Map<string, GateFinding>();
  for (const row of rows) {
    const lasts = episodes.some(
      ({ audience, identifierId, since }) =>
        audience === row.audience && identifierId === row.identifierId && since === row.episode,
    );
    const behind = supports.filter(
      (support) =>
        support.identifier.id === row.identifierId && support.memberships.has(row.audience),
    );
    const finding = judge(world, row, lasts ? rule : undefined, behind, contents, now);
    const isEarly = finding.pass && behind.some(({ profileId }) => lagging.has(profileId));
    findings.set(row.id, isEarly ? lookAgain(now) : finding);
  }
  return findings;
}

/**
 * Members by what is stored, e.g. of before the hub was away: time may have ended it. Read before memberships,
 * so that what time does in between is seen as at least one of the two.
 */
async function loadLagging(
  transaction: Transaction,
  identifierIds: readonly number[],
  now: number,
): Promise<ReadonlySet<string>> {
  const holders = await transaction.query<{ profileId: string }>(selectHolders, [identifierIds]);
  const profileIds = holders.map((row) => row.profileId);
  const rows = await transaction.query<{ id: string }>(selectLagging, [profileIds, isoTime(now)]);
  return new Set(rows.map(({ id }) => id));
}

function lookAgain(now: number): GateFinding {
  return { pass: false, settlement: { kind: 'deferred', until: now + lookAgainMs } };
}

function judge(
  world: InstanceWorld,
  row: ActionRow,
  rule: ActionRule | undefined,
  behind: readonly Support[],
  contents: Map<string, Content>,
  now: number,
): GateFinding {
  if (rule === undefined || behind.length === 0) {
    return {
      pass: false,
      settlement: {
        kind: 'superseded',
        reason: 'the episode is over, or the action is no longer configured',
      },
    };
  }
  if (world.settings.dryRun) {
    return { pass: false, settlement: { kind: 'filtered', by: 'gate', reason: 'dry run' } };
  }
  const refused = behind.find((support) => support.consent.forbidden);
  const speaker =
    behind.find((support) => support.profileId === row.profileId && support.consent.granted) ??
    behind.find((support) => support.consent.granted);
  if (refused !== undefined || speaker === undefined) {
    const reason = `consent: ${(refused ?? behind[0])?.consent.reason ?? 'nobody'}`;
    return { pass: false, settlement: { kind: 'filtered', by: 'gate', reason } };
  }
  if (speaker.consent.unresolved) return lookAgain(now);
  const key = vendorKeyOf(world, speaker.identifier);
  if (isKeyFailure(key)) {
    const { message: reason } = key;
    return { pass: false, settlement: { kind: 'rejected', reason, code: 'KEY_FAILED' } };
  }
  const { namespace, value } = speaker.identifier;
  contents.set(row.id, {
    key: key.key,
    hash: speaker.identifier.hash,
    profileId: speaker.profileId,
    identifier: { namespace, value },
    traits: mapTraits(rule.traits, speaker.traits),
  });
  const hashes = [...new Set(behind.flatMap((support) => support.hashes))];
  return { pass: true, hashes, bases: speaker.consent.bases };
}

async function invoke(
  world: InstanceWorld,
  call: PluginCall,
  rows: readonly ActionRow[],
  rule: ActionRule | undefined,
  contents: ReadonlyMap<string, Content>,
): Promise<unknown> {
  const deliveries = rows.flatMap((row) => {
    const content = contents.get(row.id);
    if (content === undefined || rule === undefined) return [];
    const { audience, id } = row;
    const { hash: _hash, ...told } = content;
    return [{ handle: id, actionId: id, audience, parameters: rule.parameters, ...told }];
  });
  const action = world.destination.plugin.actions?.[rule?.action ?? ''];
  return action?.run({ ...call, deliveries });
}
