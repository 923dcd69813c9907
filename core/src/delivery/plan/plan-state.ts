// How far an instance is planned. Where config changed what is to be sent, everybody is planned anew.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Queryable, Transaction } from '../../store/store.ts';
import { noteActionRules } from '../action/action-rules.ts';
import type { InstanceWorld } from '../world.ts';
import { selectPlanState } from './plans.ts';

export interface PlanState {
  readonly settingsHash: string;
  readonly changed: number;
  readonly profileId: string;
  readonly expiredTo: number;
  readonly erasedTo: number;
}

const firstProfile = '00000000-0000-0000-0000-000000000000';

/** Of whoever plans: since when the actions of config stand is noted, and what it no longer has ends. */
export async function takeUpPlanState(
  world: InstanceWorld,
  transaction: Transaction,
  now: number,
): Promise<PlanState> {
  const { state, isNew } = await findPlanState(world, transaction, now);
  if (isNew) await noteActionRules(world, transaction, now);
  return state;
}

/** Writes nothing: who asks may have another config than the process that plans. */
export async function readPlanState(
  world: InstanceWorld,
  queryable: Queryable,
  now: number,
): Promise<PlanState> {
  return (await findPlanState(world, queryable, now)).state;
}

async function findPlanState(
  world: InstanceWorld,
  queryable: Queryable,
  now: number,
): Promise<{ readonly state: PlanState; readonly isNew: boolean }> {
  const settingsHash = hashSettings(world);
  const [known] = await queryable.query<PlanState>(selectPlanState, [world.id]);
  if (known?.settingsHash === settingsHash) return { state: known, isNew: false };
  const from = { changed: -1, profileId: firstProfile };
  const places = known ?? { expiredTo: now, erasedTo: -1 };
  return { state: { ...places, ...from, settingsHash }, isNew: true };
}

/** What planning reads of config; never the plugin's own settings, which hold secrets. */
function hashSettings(world: InstanceWorld): string {
  const { settings, destination, profile } = world;
  const plain = {
    purposes: settings.purposes,
    consent: world.consent.defaultsOf(settings.purposes),
    contactPoints: settings.contactPoints,
    audiences: settings.audiences.map((sync) => ({ ...sync, traits: [...sync.traits] })),
    profiles: settings.profiles && {
      audience: settings.profiles.audience ?? null,
      traits: [...settings.profiles.traits],
    },
    actions: settings.actions.map((rule) => [rule.action, rule.audience]),
    plugin: [destination.plugin.name, destination.plugin.channel],
    identifiers: destination.plugin.identifiers,
    primary: [...profile.primary],
  };
  return createHash('sha256')
    .update(canonicalize(plain) ?? '')
    .digest('hex');
}
