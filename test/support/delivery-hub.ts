// Delivery over a store with scripted destinations, stepped by hand.
import type { JsonObject } from '@tributary/sdk';
import { createConsentReader } from '../../core/src/consent/read.ts';
import type { ConsentSettings } from '../../core/src/consent/settings.ts';
import { stopped } from '../../core/src/consent/stop.ts';
import { createDelivery, type Delivery } from '../../core/src/delivery/create-delivery.ts';
import { createDispatchLatch, type DispatchLatch } from '../../core/src/delivery/dispatch-latch.ts';
import type { DestinationInstanceSettings } from '../../core/src/delivery/settings.ts';
import type { DeliveryAuditEntry, ResolvedEvent } from '../../core/src/delivery/world.ts';
import type { Store } from '../../core/src/store/store.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createPeople, type People } from './people.ts';
import type { ScriptedDestination } from './scripted-destination.ts';
import { testSettings } from './settings.ts';

export const purpose = 'email_marketing';
export const start: number = Date.UTC(2024, 5, 1, 12);

export function destinationSettings(
  id: string,
  change: Partial<DestinationInstanceSettings> = {},
): DestinationInstanceSettings {
  return {
    id,
    plugin: 'scripted',
    settings: {},
    purposes: [purpose],
    contactPoints: 'all',
    audiences: [{ audience: 'buyers', list: 'L', traits: new Map([['NAME', 'name']]) }],
    profiles: undefined,
    events: undefined,
    actions: [],
    limits: {},
    guards: { maxRemovedShare: 0.3, maxAddedShare: 3, maxActionsPerHour: 10_000, floor: 50 },
    retry: {
      baseMs: 1_000,
      capMs: 60_000,
      maxAttempts: 5,
      maxRetryAfterMs: 3_600_000,
      breakerAfter: 5,
    },
    dryRun: false,
    enabled: true,
    ...change,
  };
}

export interface DeliveryHub {
  readonly delivery: Delivery;
  readonly clock: ManualClock;
  readonly people: People;
  readonly latch: DispatchLatch;
  readonly events: ResolvedEvent[];
  readonly audit: DeliveryAuditEntry[];
  /** A process that begins anew on the same store. */
  restart(change?: Pick<HubParts, 'restoredAt' | 'consent'>): Promise<DeliveryHub>;
  /** Plans and sends until nothing is left to do now. */
  settle(instance?: string): Promise<void>;
}

export interface HubParts {
  readonly instances: readonly (readonly [DestinationInstanceSettings, ScriptedDestination])[];
  readonly clock?: ManualClock;
  readonly random?: () => number;
  readonly events?: ResolvedEvent[];
  /** The store came from a backup. */
  readonly restoredAt?: number;
  readonly consent?: ConsentSettings;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export async function startHub(store: Store, parts: HubParts): Promise<DeliveryHub> {
  const clock = parts.clock ?? createManualClock(start, 2_000);
  const random = parts.random ?? (() => 0.5);
  const events = parts.events ?? [];
  const config = testSettings();
  const latch = createDispatchLatch(clock);
  const audit: DeliveryAuditEntry[] = [];
  const delivery = createDelivery({
    store,
    config: {
      ...config,
      destinations: new Map(parts.instances.map(([settings]) => [settings.id, settings])),
    },
    plugins: new Map(
      parts.instances.map(([settings, scripted]) => [
        settings.id,
        {
          plugin: scripted.plugin,
          connection: undefined,
          context: {
            instance: settings.id,
            settings: {},
            fetch,
            clock,
            log: silent,
            signal: new AbortController().signal,
            random,
          },
        },
      ]),
    ),
    consent: createConsentReader(parts.consent ?? config.consent, config.identity),
    stopped,
    readEvents: {
      after: async (number, limit) =>
        events.filter(({ record }) => record.number > number).slice(0, limit),
      at: async (numbers) => events.filter(({ record }) => numbers.includes(record.number)),
      position: async () => 0,
    },
    latch,
    clock,
    random,
    log: silent,
    audit: async (_, entries) => void audit.push(...entries),
    handOut: async () => {},
    redact: (words) => words,
    restoredAt: parts.restoredAt,
  });
  await delivery.recover();
  return {
    delivery,
    clock,
    people: createPeople(store, purpose),
    latch,
    events,
    audit,
    restart: (change) => startHub(store, { ...parts, clock, events, ...change }),
    async settle(instance = 'mail') {
      for (let steps = 0; steps < 400; steps += 1) {
        const planned = await delivery.planOnce(instance);
        const sent = await delivery.sendOnce(instance);
        if (!planned && !sent) return;
      }
      throw new Error('delivery does not come to rest');
    },
  };
}

/** Somebody who agreed and is a buyer. */
export async function joinBuyers(
  { people }: DeliveryHub,
  name: string,
  emails: readonly string[],
  traits: JsonObject = {},
): Promise<void> {
  await people.person(name, [...emails], traits);
  await people.consent(`u:${name}`, 'granted', start - 1_000);
  await people.member('buyers', name, start - 1_000);
}

/** The counts of the only book. */
export async function countsOf({ delivery }: DeliveryHub): Promise<Record<string, number>> {
  const [status] = await delivery.status();
  const { list: _list, kind: _kind, ...counts } = status?.books[0] ?? { list: '', kind: '' };
  return counts;
}

/** Sorted. */
export function keysOnList({ lists }: ScriptedDestination, list: string): string[] {
  return [...(lists.get(list)?.keys() ?? [])].sort();
}
