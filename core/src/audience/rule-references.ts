// What a rule names and what it means, as text: for references, and to notice an edited definition.
import { createHash } from 'node:crypto';
import { describeComparison, describeMeasure } from '../profile/measure-description.ts';
import type { EventSelector } from '../profile/measure.ts';
import type { AudiencesSettings, Rule } from './rule.ts';

/** Changes whenever rules come to mean something else, so that every audience is computed anew. */
const meaning = 1;

export function audiencesNamedBy(rule: Rule): ReadonlySet<string> {
  switch (rule.kind) {
    case 'all':
    case 'any':
      return new Set(rule.rules.flatMap((part) => [...audiencesNamedBy(part)]));
    case 'not':
      return audiencesNamedBy(rule.rule);
    case 'audience':
      return new Set([rule.name]);
    case 'trait':
    case 'measure':
    case 'identifier':
      return new Set();
  }
}

/** What a rule looks at, without what the audiences that it names look at. */
export interface RuleReferences {
  readonly events: readonly EventSelector[];
  /** Names of traits, without the way down into them. */
  readonly traits: readonly string[];
  readonly identifiers: boolean;
}

export function referencesOf(rule: Rule): RuleReferences {
  switch (rule.kind) {
    case 'all':
    case 'any': {
      const parts = rule.rules.map(referencesOf);
      return {
        events: parts.flatMap(({ events }) => events),
        traits: parts.flatMap(({ traits }) => traits),
        identifiers: parts.some(({ identifiers }) => identifiers),
      };
    }
    case 'not':
      return referencesOf(rule.rule);
    case 'trait':
      return { ...nothing, traits: rule.path.slice(0, 1) };
    case 'measure':
      return { ...nothing, events: rule.measure.events };
    case 'identifier':
      return { ...nothing, identifiers: true };
    case 'audience':
      return nothing;
  }
}

const nothing: RuleReferences = { events: [], traits: [], identifiers: false };

/** Per audience, a hash that changes when its rule, or that of an audience it names, does. */
export function definitionHashes(audiences: AudiencesSettings): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const { name, rule } of audiences) {
    hashes.set(name, hashText(describeRule(rule, (other) => hashes.get(other) ?? '')));
  }
  return hashes;
}

export function hashText(text: string): string {
  return createHash('sha256').update(`${meaning}\n${text}`).digest('hex');
}

function describeRule(rule: Rule, hashOf: (audience: string) => string): string {
  switch (rule.kind) {
    case 'all':
    case 'any': {
      const parts = rule.rules.map((part) => describeRule(part, hashOf));
      return JSON.stringify([rule.kind, [...new Set(parts)].sort()]);
    }
    case 'not':
      return JSON.stringify([rule.kind, describeRule(rule.rule, hashOf)]);
    case 'trait':
      return JSON.stringify([rule.kind, rule.path, describeComparison(rule.comparison)]);
    case 'measure':
      return JSON.stringify([
        rule.kind,
        describeMeasure(rule.measure),
        describeComparison(rule.comparison),
      ]);
    case 'audience':
      return JSON.stringify([rule.kind, hashOf(rule.name)]);
    case 'identifier':
      return JSON.stringify([rule.kind, rule.namespace]);
  }
}
