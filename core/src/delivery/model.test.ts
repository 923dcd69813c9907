// Whatever happens to people, to the destination and to the process, in whatever order: nobody is
// reached who said no, actions happen at most once, the books balance at every moment, and when
// all is quiet the destination has exactly what it should have.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '@tributary/sdk';
import { holds } from '../../../test/property/holds.ts';
import {
  destinationSettings,
  purpose,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import {
  scriptedDestination,
  type Fault,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

const names = ['ada', 'bea', 'cy'] as const;
type Name = (typeof names)[number];
const shared = 'family@example.com';
const emailsOf = (name: Name): string[] => [`${name}@example.com`, `${name}@work.example`];

/** What the test believes of a person, kept apart from all tables. */
interface Person {
  member: boolean;
  trait: string;
  holdsShared: boolean;
  /** Person whose profile holds the identifiers now. */
  profile: Name;
  erased: boolean;
}

type Consent = 'granted' | 'denied' | undefined;

interface Model {
  readonly people: Map<Name, Person>;
  readonly consents: Map<string, Consent>;
  /** Acknowledged, perhaps not resolved. */
  readonly stops: Set<string>;
}

const fault: fc.Arbitrary<Fault> = fc.record({
  effect: fc.boolean(),
  answer: fc.oneof(
    fc.constantFrom('missing', 'doubled', 'in_doubt', 'nonsense', 'accepted' as const),
    fc.constant({ throws: 'unknown' as const }),
    fc.constant({ throws: 'plain' as const }),
  ),
});
/** What truthfully says that nothing happened. */
const refusal: fc.Arbitrary<Fault> = fc.record({
  effect: fc.constant(false),
  answer: fc.oneof(
    fc.constantFrom('retry' as const),
    fc.constant({ throws: 'transient' as const }),
    fc.constant({ throws: 'rate_limited' as const, retryAfterMs: 3_000 }),
    fc.constant({ throws: 'auth' as const }),
  ),
});
const answers = fc.array(fc.oneof(fc.constant(undefined), fault, refusal), {
  minLength: 1,
  maxLength: 6,
});

const who = fc.constantFrom(...names);
const identifier = fc.oneof(
  { weight: 4, arbitrary: who.map((name) => `u:${name}`) },
  { weight: 2, arbitrary: who.map((name) => `${name}@example.com`) },
  { weight: 1, arbitrary: fc.constant(shared) },
);
const weighted = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>) => ({ weight, arbitrary });
const step = fc.oneof(
  weighted(3, fc.record({ do: fc.constant('member' as const), who })),
  weighted(3, fc.record({ do: fc.constant('leave' as const), who })),
  weighted(
    1,
    fc.record({ do: fc.constant('trait' as const), who, value: fc.constantFrom('x', 'y') }),
  ),
  weighted(
    3,
    fc.record({
      do: fc.constant('consent' as const),
      identifier,
      status: fc.constantFrom('granted' as const, 'granted' as const, 'denied' as const),
    }),
  ),
  weighted(1, fc.record({ do: fc.constant('stop' as const), identifier })),
  weighted(1, fc.record({ do: fc.constant('resolve' as const) })),
  weighted(1, fc.record({ do: fc.constant('merge' as const), who, from: who })),
  weighted(1, fc.record({ do: fc.constant('erase' as const), who })),
  weighted(6, fc.record({ do: fc.constant('plan' as const) })),
  weighted(6, fc.record({ do: fc.constant('send' as const), answers })),
  weighted(2, fc.record({ do: fc.constant('crash' as const), effect: fc.boolean() })),
  weighted(
    2,
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 10_000, 100_000) }),
  ),
  weighted(1, fc.record({ do: fc.constant('resume' as const) })),
  weighted(1, fc.record({ do: fc.constant('meanwhile' as const), who })),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The addresses that may be written to, with the traits they should have. */
function desiredOf(model: Model): Map<string, JsonObject> {
  const desired = new Map<string, JsonObject>();
  for (const [name, profile] of model.people) {
    if (profile.profile !== name || profile.erased || !profile.member) continue;
    const all = names.filter((other) => model.people.get(other)?.profile === name);
    const holds = all.filter((other) => model.people.get(other)?.erased === false);
    const addresses = new Set(holds.flatMap(emailsOf));
    for (const other of holds)
      if (model.people.get(other)?.holdsShared === true) addresses.add(shared);
    for (const address of addresses) {
      if (!mayReach(model, holds, address)) continue;
      const known = desired.get(address);
      if (known === undefined) desired.set(address, { NAME: profile.trait });
      else desired.set(address, { NAME: 'several' });
    }
  }
  return desired;
}

function mayReach(model: Model, holds: readonly Name[], address: string): boolean {
  const asked = [...holds.map((name) => `u:${name}`), address];
  const found = asked.map((value) => model.consents.get(value));
  if (asked.some((value) => model.stops.has(value))) return false;
  return found.includes('granted') && !found.includes('denied');
}

/** Nobody may be written to at all of whom this is false, whoever she is with. */
function isForbidden(model: Model, address: string): boolean {
  if (model.stops.has(address) || model.consents.get(address) === 'denied') return true;
  return !desiredAddresses(model).has(address);
}

/** As desired, but without regard to membership: who left meanwhile is no breach of consent. */
function desiredAddresses(model: Model): Set<string> {
  const people = new Map([...model.people].map(([name, one]) => [name, { ...one, member: true }]));
  return new Set(desiredOf({ ...model, people }).keys());
}

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 20);
const timeout = 60_000 + 5_000 * numRuns;

eachStore('delivery against a model', (open) => {
  const clean = withCleanStore(open);

  test(
    'in the end all is as it should be, and on the way nothing is as it should not',
    async () => {
      const property = fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
        fc.boolean(),
        run,
      );
      await expect(holds(property, { numRuns, timeout, eachMs: 60_000 })).resolves.toBeUndefined();
    },
    timeout,
  );

  async function run(steps: readonly Step[], granted: boolean): Promise<void> {
    const vendor = scriptedDestination({ batchRecords: 3 });
    // The naps between two calls, of two seconds at most, end by themselves.
    const clock = createManualClock(start, 2_001);
    const settings = destinationSettings('mail', {
      guards: { ...destinationSettings('x').guards, floor: 1_000 },
      retry: { ...destinationSettings('x').retry, maxAttempts: 1_000 },
      actions: [
        {
          action: 'mail',
          audience: 'buyers',
          parameters: {},
          traits: new Map(),
          coolDownMs: 365 * 86_400_000,
        },
      ],
    });
    let hub = await startHub(await clean(), { clock, instances: [[settings, vendor]] });
    const model: Model = { people: new Map(), consents: new Map(), stops: new Set() };
    for (const name of names) {
      await hub.people.person(name, emailsOf(name), { name: 'n' });
      const holdsShared = name !== 'cy';
      const one = { member: false, trait: 'n', holdsShared, profile: name, erased: false };
      model.people.set(name, one);
    }
    await hub.people.sharedEmail(shared, ['ada', 'bea']);
    for (const name of granted ? names : []) {
      await take(hub, vendor, model, { do: 'consent', identifier: `u:${name}`, status: 'granted' });
      await take(hub, vendor, model, { do: 'member', who: name });
    }
    const breaches = watch(vendor, model);
    for (const one of steps) {
      if (one.do === 'crash') hub = await crash(hub, vendor, one.effect);
      else await take(hub, vendor, model, one);
      await checkBooks(hub);
      expect(breaches).toEqual([]);
    }
    await comeToRest(hub, vendor, model);
    const desired = desiredOf(model);
    const list = vendor.lists.get('L') ?? new Map<string, JsonObject>();
    expect([...list.keys()].sort()).toEqual([...desired.keys()].sort());
    // Where several people speak for a key, either's content will do.
    const certain = [...desired].filter(([, content]) => content['NAME'] !== 'several');
    expect(certain.map(([key]) => [key, list.get(key)])).toEqual(certain);
    const mailed = vendor.mails.map((mail) => mail.key);
    expect(new Set(mailed).size).toBe(mailed.length);
  }

  /** Looks at each call as it reaches the destination; returns what should not have reached it. */
  function watch(vendor: ScriptedDestination, model: Model): string[] {
    const breaches: string[] = [];
    vendor.before = async ({ feature, keys }) => {
      if (feature === 'remove') return;
      for (const key of keys) {
        if (isForbidden(model, key)) breaches.push(`${feature} reached ${key}, who said no`);
      }
    };
    return breaches;
  }

  async function checkBooks(hub: DeliveryHub): Promise<void> {
    const [status] = await hub.delivery.status();
    for (const book of status?.books ?? []) {
      const { planned, delivered, filtered, rejected, superseded, inDoubt, pending } = book;
      expect(planned).toBe(delivered + filtered + rejected + superseded + inDoubt + pending);
      expect(Math.min(delivered, filtered, rejected, superseded)).toBeGreaterThanOrEqual(0);
    }
  }

  /** The process ends while its request is away. */
  async function crash(
    hub: DeliveryHub,
    vendor: ScriptedDestination,
    effect: boolean,
  ): Promise<DeliveryHub> {
    vendor.script = () => ({ effect, answer: 'never' });
    let calls = vendor.calls.length;
    const sending = hub.delivery.sendOnce('mail').then(() => 'over');
    for (let turn = 0; turn < 500 && calls === vendor.calls.length; turn += 1) {
      const state = await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, 1))]);
      if (state === 'over') break;
    }
    calls = vendor.calls.length;
    vendor.script = () => undefined;
    return hub.restart();
  }

  async function take(
    hub: DeliveryHub,
    vendor: ScriptedDestination,
    model: Model,
    one: Exclude<Step, { do: 'crash' }>,
  ): Promise<void> {
    const { people, delivery, clock } = hub;
    switch (one.do) {
      case 'member':
      case 'leave':
      case 'trait':
      case 'merge':
      case 'erase':
        return changePerson(hub, model, one);
      case 'consent':
        await clock.advance(1);
        await people.consent(one.identifier, one.status, clock.now());
        if ((await people.idOf(one.identifier)) > 0) model.consents.set(one.identifier, one.status);
        return;
      case 'stop': {
        const hash = await people.stop(one.identifier, clock.now());
        await hub.latch.announce([{ identifierHash: hash, purpose, channel: '*' }]);
        if ((await people.idOf(one.identifier)) > 0) model.stops.add(one.identifier);
        return;
      }
      case 'resolve':
        return resolveStops(hub, model);
      case 'plan':
        for (let turn = 0; turn < 5; turn += 1) await delivery.planOnce('mail');
        return;
      case 'send': {
        let place = 0;
        vendor.script = () => one.answers[place++ % one.answers.length];
        await delivery.sendOnce('mail');
        vendor.script = () => undefined;
        return;
      }
      case 'meanwhile': {
        // She leaves, and that is planned, while a request is away.
        const before = vendor.before;
        vendor.before = async (call) => {
          await before?.(call);
          vendor.before = before;
          await changePerson(hub, model, { do: 'leave', who: one.who });
          await delivery.planOnce('mail');
        };
        await delivery.sendOnce('mail');
        vendor.before = before;
        return;
      }
      case 'wait':
        return clock.advance(one.ms);
      case 'resume':
        return delivery.resume('mail', 'operator');
    }
  }

  async function resolveStops(hub: DeliveryHub, model: Model): Promise<void> {
    await hub.clock.advance(1);
    await hub.people.resolveStops(hub.clock.now());
    for (const value of model.stops) model.consents.set(value, 'denied');
    model.stops.clear();
  }

  async function changePerson(
    { people, clock }: DeliveryHub,
    model: Model,
    one: Step & { do: 'member' | 'leave' | 'trait' | 'merge' | 'erase' },
  ): Promise<void> {
    const person = model.people.get(one.who);
    if (person === undefined || person.profile !== one.who || person.erased) return;
    switch (one.do) {
      case 'member':
        await clock.advance(1);
        await people.member('buyers', one.who, clock.now());
        person.member = true;
        return;
      case 'leave':
        await people.leave('buyers', one.who);
        person.member = false;
        return;
      case 'trait':
        await people.traits(one.who, { name: one.value });
        person.trait = one.value;
        return;
      case 'merge': {
        const from = model.people.get(one.from);
        if (one.from === one.who || from === undefined) return;
        if (from.profile !== one.from || from.erased) return;
        await people.merge(one.who, one.from);
        person.member ||= from.member;
        for (const other of model.people.values()) {
          if (other.profile === one.from) other.profile = one.who;
        }
        return;
      }
      case 'erase': {
        const with_ = [...model.people.values()].filter(({ profile }) => profile === one.who);
        if (with_.length > 1) return;
        await people.erase(one.who, emailsOf(one.who), clock.now());
        person.erased = true;
        person.member = false;
        for (const value of [`u:${one.who}`, ...emailsOf(one.who)]) {
          model.consents.delete(value);
          model.stops.delete(value);
        }
        return;
      }
    }
  }

  async function comeToRest(
    hub: DeliveryHub,
    vendor: ScriptedDestination,
    model: Model,
  ): Promise<void> {
    vendor.script = () => undefined;
    await resolveStops(hub, model);
    await hub.delivery.resume('mail', 'operator');
    for (let round = 0; round < 6; round += 1) {
      await hub.clock.advance(400_000);
      await hub.settle();
    }
    await checkBooks(hub);
  }
});
