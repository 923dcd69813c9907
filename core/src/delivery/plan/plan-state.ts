// How far an instance is planned. Where config changed what is to be sent, everybody is planned anew.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Transaction } from '../../store/store.ts';
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

export async function loadPlanState(
  world: InstanceWorld,
  transaction: Transaction,
  now: number,
): Promise<PlanState> {
  const settingsHash = hashSettings(world);
  const [known] = await transaction.query<PlanState>(selectPlanState, [world.id]);
  if (known?.settingsHash === settingsHash) return known;
  await noteActionRules(world, transaction, now);
  const from = { changed: -1, profileId: firstProfile };
  if (known !== undefined) return { ...known, ...from, settingsHash };
  return { ...from, settingsHash, expiredTo: now, erasedTo: -1 };
}

/** What planning reads of config; never the plugin's own settings, which hold secrets. */
function hashSettings(world: InstanceWorld): string {
  const { settings, destination, profile } = world;
  const plain = {
    purposes: settings.purposes,
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
