// A plan: what a changed config would do, said before it does it, and named by a hash of all it says.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { isJsonObject } from '@tributary/sdk';
import type { AudienceEffect } from './audience-tally.ts';
import type { ConfigDifference } from './compare-configs.ts';
import type { AgeingEffect } from '../retention/preview-ageing.ts';
import type { DestinationEffect } from './destination-effect.ts';

export interface ChangePlan extends ConfigDifference {
  /** A hash of everything below. */
  readonly id: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Keyed hashes of the config that the hub goes by, and of the one it would. */
  readonly running: string;
  readonly next: string;
  /** Keys of config that only a restart changes; with any, the hub refuses to take the config up. */
  readonly restart: readonly string[];
  /** People are made anew from the log: numbers of people are then of people as they are now. */
  readonly peopleAnew?: { readonly events: number; readonly seconds: number };
  /** Of audiences whose rule is new, edited or gone. */
  readonly moves: readonly AudienceEffect[];
  readonly effects: readonly DestinationEffect[];
  /** By rule, where another config would let data age that it keeps now; left out: nothing does. */
  readonly ageing?: readonly AgeingEffect[];
  readonly tolerance: Tolerance;
}

/** How much more than planned may happen before a plan counts as drifted: the larger of the two. */
export interface Tolerance {
  readonly share: number;
  readonly people: number;
}

export const defaultTolerance: Tolerance = { share: 0.05, people: 10 };

export function sealPlan(plan: Omit<ChangePlan, 'id'>): ChangePlan {
  return { ...plan, id: idOf(plan) };
}

/** False for a plan that somebody has edited. */
export function isSealed({ id, ...plan }: ChangePlan): boolean {
  return id === idOf(plan);
}

function idOf(plan: Omit<ChangePlan, 'id'>): string {
  return createHash('sha256')
    .update(canonicalize(plan) ?? '')
    .digest('hex')
    .slice(0, 32);
}

export function isEmpty(plan: ChangePlan): boolean {
  return plan.running === plan.next;
}

/** Has it the form of a plan, as far as whoever compares plans looks at it? */
export function isChangePlan(value: unknown): value is ChangePlan {
  if (!isJsonObject(value)) return false;
  const { id, running, next, tolerance, effects } = value;
  const isNamed = [id, running, next].every((text) => typeof text === 'string');
  return isNamed && isTolerance(tolerance) && Array.isArray(effects) && effects.every(isEffect);
}

function isTolerance(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return typeof value['share'] === 'number' && typeof value['people'] === 'number';
}

function isEffect(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { lists, fields, newlyShown } = value;
  const added = isJsonObject(fields) ? fields['added'] : undefined;
  const isList = (list: unknown): boolean =>
    isJsonObject(list) && typeof list['added'] === 'number' && typeof list['removed'] === 'number';
  return (
    typeof newlyShown === 'number' &&
    Array.isArray(added) &&
    Array.isArray(lists) &&
    lists.every(isList)
  );
}
