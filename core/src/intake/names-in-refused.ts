// Whom a record names that is not taken, as far as that can be told of something that is no record: who was
// erased must not come to lie in quarantine by it.
import {
  isJsonObject,
  normaliseEmail,
  normalisePhone,
  textOfNumber,
  type JsonObject,
} from '@tributary/sdk';
import type { IdentitySettings, NamespaceSettings } from '../identity/settings.ts';
import { standardIdentifier } from '../standardise/identifiers.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';

interface NamingRules {
  readonly settings: { readonly identity: IdentitySettings };
  readonly keys: DeploymentKeys;
}

/** Values that are looked at, those on top first: whoever sends nonsense must not keep the hub busy with it. */
const mostValues = 300;

/** What may be an address or a number: to find out costs a thousand times as much. */
const mayBeReached = /@|^[\s+(\d][\d\s()./-]{4,}$/;

/** Texts that are parsed as an address or a number, in one submission. */
const mostParsed = 2_000;

/** For the records of one submission. The function returns keyed hashes. */
export function createRefusedNames(rules: NamingRules): (record: unknown) => readonly string[] {
  let parsed = 0;
  const byForm = (text: string): string[] => {
    if (parsed >= mostParsed || !mayBeReached.test(text)) return [];
    parsed += 1;
    return spacesByForm(rules).flatMap(hashIn(text, rules));
  };
  return (record) => namesInRefused(record, rules, byForm);
}

function namesInRefused(
  record: unknown,
  rules: NamingRules,
  byForm: (text: string) => string[],
): string[] {
  const found = new Set<string>();
  const waiting: unknown[] = [record];
  for (let place = 0; place < waiting.length && place < mostValues; place += 1) {
    const value = waiting[place];
    const text = textOf(value);
    const hashes = text === undefined ? namesIn(value, rules) : byForm(text);
    for (const hash of hashes) found.add(hash);
    if (typeof value !== 'object' || value === null) continue;
    const inside: unknown[] = Object.values(value);
    waiting.push(...inside.slice(0, Math.max(0, mostValues - waiting.length)));
  }
  return [...found];
}

function namesIn(value: unknown, rules: NamingRules): string[] {
  return isJsonObject(value) ? [...declared(value, rules), ...byTrait(value, rules)] : [];
}

/** An identifier of the record, wherever it stands. */
function declared(fields: JsonObject, rules: NamingRules): string[] {
  const { namespace } = fields;
  const text = textOf(fields['value']);
  if (typeof namespace !== 'string' || text === undefined) return [];
  const space = rules.settings.identity.namespaces.get(namespace);
  if (space !== undefined) return hashIn(text, rules)(space);
  return formsOf(text).map((form) => rules.keys.identifierHash(namespace, form));
}

function byTrait(fields: JsonObject, rules: NamingRules): string[] {
  return [...rules.settings.identity.namespaces.values()].flatMap((space) =>
    space.fromTraits.flatMap((trait) => {
      const text = Object.hasOwn(fields, trait) ? textOf(fields[trait]) : undefined;
      return text === undefined ? [] : hashIn(text, rules)(space);
    }),
  );
}

/** Their values are told by what they look like, whatever the field is called. */
function spacesByForm({ settings }: NamingRules): NamespaceSettings[] {
  return [...settings.identity.namespaces.values()].filter(
    ({ normalise }) => normalise === 'email' || normalise === 'phone',
  );
}

function hashIn(text: string, { settings, keys }: NamingRules) {
  return ({ name }: NamespaceSettings): string[] => {
    const found = standardIdentifier(name, text, settings.identity, keys);
    return found === undefined ? [] : [found.hash];
  };
}

/** Config does not say any more how values of this namespace are written. */
function formsOf(text: string): string[] {
  const trimmed = text.trim();
  const forms = [
    trimmed,
    trimmed.normalize('NFC').toLowerCase(),
    normaliseEmail(text),
    normalisePhone(text, undefined),
  ];
  return [...new Set(forms.flatMap((form) => form ?? []))];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'number'
    ? textOfNumber(value)
    : typeof value === 'string'
      ? value
      : undefined;
}
