// The two client libraries for servers, as they come from the registry, telling the story.
import { Analytics } from '@segment/analytics-node';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { bound, groupTraits, order, timeOf, type Person } from './story.ts';

export interface Telling {
  /** Where the hub is, as the client sees it. */
  readonly url: string;
  readonly writeKey: string;
  readonly person: Person;
}

/** @returns what the library reported as not delivered. */
export async function tellBySegmentNode({ url, writeKey, person }: Telling): Promise<unknown[]> {
  const failures: unknown[] = [];
  const analytics = new Analytics({ writeKey, host: url, flushAt: 3, flushInterval: 100 });
  analytics.on('error', (error) => failures.push(error));
  tell(analytics, person);
  await analytics.closeAndFlush({ timeout: 60_000 });
  return failures;
}

export async function tellByRudderNode({ url, writeKey, person }: Telling): Promise<unknown[]> {
  const failures: unknown[] = [];
  const analytics = new RudderAnalytics(writeKey, {
    dataPlaneUrl: url,
    flushAt: 3,
    flushInterval: 100,
    logLevel: 'none',
    errorHandler: (error: unknown) => failures.push(error),
  });
  tell(analytics, person);
  await analytics.flush();
  return failures;
}

type Flat = Record<string, string | number>;
type Properties = Record<string, string | number | Flat[]>;

/** What both libraries understand. */
interface ServerClient {
  track(message: {
    userId?: string;
    anonymousId: string;
    event: string;
    properties: Properties;
    timestamp: Date;
  }): unknown;
  page(message: {
    anonymousId: string;
    name: string;
    properties: Properties;
    timestamp: Date;
  }): unknown;
  identify(message: {
    userId: string;
    anonymousId: string;
    traits: Properties;
    timestamp: Date;
  }): unknown;
  group(message: { userId: string; groupId: string; traits: Properties; timestamp: Date }): unknown;
  alias(message: { userId: string; previousId: string; timestamp: Date }): unknown;
}

function tell(client: ServerClient, { userId, email, device, otherDevice }: Person): void {
  client.track({
    anonymousId: otherDevice,
    event: 'Product Viewed',
    properties: { sku: 'T-01' },
    timestamp: timeOf(0),
  });
  client.page({
    anonymousId: device,
    name: 'Home',
    properties: { path: '/', referrer: '' },
    timestamp: timeOf(1),
  });
  client.identify({
    userId,
    anonymousId: device,
    traits: { email, plan: 'pro' },
    timestamp: timeOf(2),
  });
  client.track({
    userId,
    anonymousId: device,
    event: 'Order Completed',
    properties: order,
    timestamp: timeOf(3),
  });
  client.group({ userId, groupId: 'acme', traits: groupTraits, timestamp: timeOf(4) });
  client.alias({ userId, previousId: otherDevice, timestamp: timeOf(5) });
  for (let place = 0; place < bound.pings; place += 1) {
    client.track({
      userId,
      anonymousId: device,
      event: 'Pinged',
      properties: { place },
      timestamp: timeOf(10 + place),
    });
  }
}
