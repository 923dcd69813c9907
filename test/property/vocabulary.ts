// The config that random worlds are made for, as plain data: the hub's settings and the oracle's
// expectations are both made of it, and share nothing else.
import type { Trust } from '@tributary/sdk';

export interface Namespace {
  readonly name: string;
  readonly kind: 'person' | 'device';
  readonly limit?: number;
  readonly fanOut?: number;
  readonly contactPoint?: true;
  /** The trait whose value is an identifier of it. */
  readonly trait?: string;
}

/** Strongest first. Limits and fan-out are small, so that a few records run into them. */
export const namespaces: readonly Namespace[] = [
  { name: 'user_id', kind: 'person', limit: 1 },
  { name: 'crm_id', kind: 'person', limit: 2 },
  { name: 'email', kind: 'person', fanOut: 2, contactPoint: true, trait: 'email' },
  { name: 'phone', kind: 'person', fanOut: 1, contactPoint: true },
  { name: 'anonymous_id', kind: 'device' },
  { name: 'advertising_id', kind: 'device' },
];

export const sharedName = 'email:info@shop.example';

export const persons: readonly string[] = [
  'user_id:u1',
  'user_id:u2',
  'user_id:u3',
  'crm_id:c1',
  'crm_id:c2',
  'email:ada@shop.example',
  'email:bob@shop.example',
  'phone:+4930901820',
];
export const devices: readonly string[] = ['anonymous_id:a1', 'advertising_id:d1'];
export const everyName: readonly string[] = [...persons, ...devices, sharedName];

export type MergePolicy =
  'latest' | 'oldest' | 'most_frequent' | 'union' | 'max' | 'min' | 'source_priority';

export interface TraitPolicy {
  readonly merge: MergePolicy;
  /** Most values of a union. */
  readonly limit?: number;
  /** Of `source_priority`, the strongest first. */
  readonly sources?: readonly string[];
}

/** One trait of each policy; a trait that is not here is the latest. */
export const traitPolicies: Readonly<Record<string, TraitPolicy>> = {
  plan: { merge: 'latest' },
  campaign: { merge: 'oldest' },
  colour: { merge: 'most_frequent' },
  tags: { merge: 'union', limit: 2 },
  best: { merge: 'max' },
  least: { merge: 'min' },
  tier: { merge: 'source_priority', sources: ['crm', 'web'] },
};

export interface Source {
  readonly server: Trust;
  readonly client: Trust;
  /** Its clients may grant for persons. */
  readonly authenticatedConsent: boolean;
}

export const sources: Readonly<Record<SourceName, Source>> = {
  web: { server: 'authenticated', client: 'declared', authenticatedConsent: false },
  app: { server: 'authenticated', client: 'authenticated', authenticatedConsent: true },
  crm: { server: 'confirmed', client: 'declared', authenticatedConsent: false },
  model: { server: 'inferred', client: 'inferred', authenticatedConsent: false },
  /** Operators' decisions. */
  hub: { server: 'manual', client: 'declared', authenticatedConsent: true },
};
export type SourceName = 'web' | 'app' | 'crm' | 'model' | 'hub';

export type DecisionKind = 'merge' | 'separate' | 'lift' | 'retract';

/** From manual, the strongest, to inferred. */
export const trustOrder: readonly Trust[] = [
  'manual',
  'authenticated',
  'confirmed',
  'transacted',
  'declared',
  'inferred',
];

export const purposes: readonly string[] = ['email_marketing', 'ads'];
/** What a Global Privacy Control signal denies. */
export const gpcDenies: readonly string[] = ['ads'];
export const channels: readonly string[] = ['email', 'sms'];
