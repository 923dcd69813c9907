// Calls of the SendGrid destination against the fake, as the hub would make them: for the plugin's tests.
import {
  createPluginFetch,
  type ChangeDelivery,
  type DeliveryBase,
  type DeliveryOutcome,
  type JsonObject,
  type LogFields,
  type MemberDelivery,
  type Outcome,
} from '@tributary/sdk';
import {
  createConnection,
  type SendgridCall,
} from '../../../plugins/destination-sendgrid/src/connection.ts';
import type { SendgridSettings } from '../../../plugins/destination-sendgrid/src/settings.ts';
import type { SendgridFake } from './fake.ts';
import { testKey } from './testing.ts';

export interface PluginUnderTest {
  readonly call: SendgridCall;
  readonly warnings: string[];
}

export function openPlugin(
  fake: Pick<SendgridFake, 'url'>,
  changes: Partial<SendgridSettings> = {},
  signal: AbortSignal = new AbortController().signal,
): PluginUnderTest {
  const settings: SendgridSettings = {
    apiKey: testKey,
    region: 'global',
    baseUrl: fake.url,
    customFields: {},
    absenceGraceMs: 0,
    ...changes,
  };
  const warnings: string[] = [];
  const ignore = (_message: string, _fields?: LogFields): void => undefined;
  const context = {
    instance: 'sendgrid',
    settings,
    fetch: createPluginFetch({ timeoutMs: 1_000, secrets: [settings.apiKey] }),
    clock: {
      now: () => Date.now(),
      sleep: (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds)),
    },
    log: {
      debug: ignore,
      info: ignore,
      warn: (message: string) => void warnings.push(message),
      error: ignore,
    },
    signal,
    random: () => 0.5,
  };
  return { call: { ...context, connection: createConnection(context) }, warnings };
}

/** A delivery whose handle is its address. */
export function delivery(email: string, vendorId?: string): ChangeDelivery {
  const identifier = { namespace: 'email', value: email };
  const named = { handle: email, changeId: `change-of-${email}`, key: email, identifier };
  return { ...named, ...(vendorId === undefined ? {} : { vendorId }) };
}

export function member(email: string, traits: JsonObject = {}, vendorId?: string): MemberDelivery {
  return { ...delivery(email, vendorId), traits };
}

/** By handle; throws where a handle is missing or doubled, as the hub's books would. */
export function byHandle(
  deliveries: readonly DeliveryBase[],
  outcomes: readonly DeliveryOutcome[],
): Record<string, Outcome> {
  const handles = outcomes.map(({ handle }) => handle).toSorted();
  const expected = deliveries.map(({ handle }) => handle).toSorted();
  if (handles.join() !== expected.join()) throw new Error(`outcomes for ${handles.join()}`);
  return Object.fromEntries(outcomes.map(({ handle, outcome }) => [handle, outcome]));
}

/** The job that these outcomes were accepted under. */
export function jobOf(outcome: Outcome | undefined): string {
  if (outcome?.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.job;
}
