// Worked cases of identity graphs that a vendor documents, with the people that must come out here.
// They lie outside this repository: TRIBUTARY_DATA names the folder that holds `identity/`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeView } from '../../../test/support/identity-view.ts';
import { identitySettings, recordOf } from '../../../test/support/identity-world.ts';
import { testNamespace } from '../../../test/support/settings.ts';

interface Scenario {
  readonly id: string;
  readonly uniqueNamespaces: readonly string[];
  readonly priority: readonly string[];
  readonly events: readonly Readonly<Record<string, string>>[];
}

/** People after the last event, each with the devices that are theirs by then. */
const expected: Readonly<Record<string, readonly string[]>> = {
  crmid_only_ideal: ['111 Tom'],
  crmid_only_shared_device: ['111 Summer', 'Tom'],
  hashed_email_ideal: ['111 Tom aabbcc', '222 Summer ddeeff'],
  hashed_email_shared_device: ['111 222 Summer ddeeff', 'Tom aabbcc'],
  hashed_email_nonunique_email: ['111 Tom', '222 Summer aabbcc ddeeff'],
  segment_match_ideal: [
    '111 123-4567 222 A-A-A Tom aabbcc',
    '333 444 765-4321 B-B-B Summer ddeeff',
  ],
  segment_match_shared_computer: [
    '111 333 444 765-4321 B-B-B Summer ddeeff',
    '123-4567 222 A-A-A Tom aabbcc',
  ],
  segment_match_shared_android: [
    '111 123-4567 222 444 A-A-A B-B-B Tom aabbcc',
    '333 765-4321 Summer ddeeff',
  ],
  segment_match_shared_apple_no_reset: [
    '111 123-4567 Tom aabbcc',
    '222 333 444 765-4321 A-A-A B-B-B Summer ddeeff',
  ],
  segment_match_nonunique_phone: [
    '111 222 A-A-A Tom aabbcc',
    '123-4567 333 444 765-4321 B-B-B Summer ddeeff',
  ],
  segment_match_nonunique_email: [
    '111 123-4567 222 A-A-A Tom',
    '333 444 765-4321 B-B-B Summer aabbcc ddeeff',
  ],
  multi_login_ideal: ['111 ID_A ID_B Tom', '222 ID_C ID_D Summer'],
  multi_login_shared_device: ['111 222 ID_C ID_D Summer', 'ID_A ID_B Tom'],
  // The device changes hands; a login id seen there without a customer number joins nobody.
  multi_login_dangling: ['111 ID_C', 'ID_A ID_B Tom'],
  complex_shared_device_1: [
    '111 222 765-4321 ID_C ID_D Summer ddeeff',
    '123-4567 ID_A ID_B Tom aabbcc',
  ],
  complex_bad_login: ['111 123-4567 222 ID_A ID_B ID_C Tom aabbcc', '765-4321 ID_D Summer ddeeff'],
  complex_nonunique_email: [
    '111 123-4567 ID_A ID_B Tom',
    '222 765-4321 ID_C ID_D Summer aabbcc ddeeff',
  ],
  commerce_two_registered_one_device: ['111 Summer summer@acme.com', 'Tom tom@acme.com'],
  // A customer without an address and a guest at one device stay two.
  commerce_registered_no_email_and_guest: ['111 summer@acme.com', 'Tom'],
  commerce_guest_then_registers: ['111 Tom tom@acme.com'],
};

const devices = new Set(['ECID', 'GAID', 'IDFA']);

function peopleOf(scenario: Scenario): string[] {
  const settings = identitySettings(
    scenario.priority.map((name, priority) =>
      testNamespace(name, priority, {
        kind: devices.has(name) ? 'device' : 'person',
        limit: scenario.uniqueNamespaces.includes(name) ? 1 : undefined,
      }),
    ),
  );
  const records = scenario.events.map((event, place) => {
    const names = Object.entries(event).map(([namespace, value]) => `${namespace}:${value}`);
    return recordOf({ names, at: place * 1_000 }, place + 1, settings);
  });
  const view = computeView(records, settings);
  const profileOf = new Map(
    view.identifiers.map((line) => [line.split(' ')[0], line.split(' ')[2]]),
  );
  for (const line of view.spans) {
    const [device, , to, person] = line.split(' ');
    if (to === 'Infinity') profileOf.set(device, profileOf.get(person));
  }
  const people = Map.groupBy(profileOf.keys(), (name) => profileOf.get(name));
  const valueOf = (name = ''): string => name.slice(name.indexOf(':') + 1);
  return [...people.values()].map((names) => names.map(valueOf).sort().join(' ')).sort();
}

const file = join(process.env['TRIBUTARY_DATA'] ?? '', 'identity', 'graph_scenarios.json');
const isThere = process.env['TRIBUTARY_DATA'] !== undefined && existsSync(file);
if (!isThere)
  console.warn('skipped: TRIBUTARY_DATA names no folder with identity/graph_scenarios.json');

describe.skipIf(!isThere)('the public scenarios', () => {
  const { scenarios }: { scenarios: readonly Scenario[] } = isThere
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { scenarios: [] };

  it('are all known', () => {
    expect(scenarios.map(({ id }) => id).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(scenarios.map((scenario) => [scenario.id, scenario] as const))('%s', (id, scenario) => {
    expect(peopleOf(scenario)).toEqual(expected[id]);
  });
});
