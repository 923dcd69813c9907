// People at work on the hub, through its lives: over plain HTTP, with the client libraries of Segment and
// RudderStack, and through the feed. Whoever says something that matters says it until it is
// acknowledged; the libraries give up when they like.
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Random } from '../support/random.ts';
import type { Feed } from './feed.ts';
import { createSpeaker, orderEvent, type Message } from './messages.ts';
import { writeKey } from './shop.ts';

export interface TrafficOptions {
  /** Of the wire. */
  readonly url: string;
  readonly feed: Feed;
  readonly random: Random;
  readonly now: () => number;
  /** Nobody new comes after so many. */
  readonly mostPeople: number;
  /** Everybody agrees to everything and never takes it back; else every fifth person does. */
  readonly faithful: boolean;
}

export interface Traffic {
  readonly users: readonly string[];
  start(): void;
  /** Resolves when everybody has been heard. */
  pause(): Promise<void>;
  /** Of a hub that will not come back: who is not heard yet gives up, and is owed nothing. */
  giveUp(): Promise<void>;
  close(): Promise<void>;
}

interface Person {
  readonly userId: string;
  /** Agrees to everything and never takes it back: what she does must be at every receiver in the end. */
  readonly isFaithful: boolean;
  reads: boolean;
  granted: boolean;
  busy: boolean;
}

const workers = 3;
const pauseMs = 15;
/** Between two attempts at a hub that does not answer. */
const retryMs = 120;

export function createTraffic(options: TrafficOptions): Traffic {
  const { random, feed, faithful } = options;
  const speaker = createSpeaker(options.now);
  const people: Person[] = [];
  const libraries = createLibraries(options.url);
  let goes = false;
  let givenUp = false;
  let running: Promise<unknown> = Promise.resolve();

  async function say(messages: readonly Message[]): Promise<void> {
    const body = Buffer.from(JSON.stringify({ batch: messages }));
    const packed = random.below(3) === 0;
    while (!(await post(options.url, packed ? gzipSync(body) : body, packed))) {
      if (givenUp) return;
      await sleep(retryMs);
    }
  }

  async function join(): Promise<void> {
    const userId = `u${people.length}`;
    const isFaithful = faithful || people.length % 5 === 0;
    const person: Person = {
      userId,
      isFaithful,
      reads: true,
      granted: isFaithful || random.below(5) > 0,
      busy: true,
    };
    people.push(person);
    const said = [speaker.identify(userId, { newsletter: true, first_name: `Reader ${userId}` })];
    if (person.granted) said.unshift(speaker.consent(userId, 'granted'));
    await say(said);
    person.busy = false;
  }

  async function act(person: Person): Promise<void> {
    const { userId } = person;
    switch (random.below(8)) {
      case 0:
      case 1:
        person.reads = !person.reads;
        return say([speaker.identify(userId, { newsletter: person.reads })]);
      case 2:
        return say([speaker.track(userId, orderEvent, { total: 20 })]);
      case 3:
      case 4:
        person.granted = person.isFaithful || !person.granted;
        return say([speaker.consent(userId, person.granted ? 'granted' : 'withdrawn')]);
      case 5:
        return feed.add([speaker.track(userId, random.below(4) === 0 ? orderEvent : 'Page Seen')]);
      case 6:
        return libraries.segment(userId, speaker.nextTime());
      default:
        return libraries.rudder(userId, speaker.nextTime());
    }
  }

  async function work(): Promise<void> {
    while (goes) {
      const idle = people.filter(({ busy }) => !busy);
      const person = idle[random.below(Math.max(1, idle.length))];
      const comes = people.length < options.mostPeople && random.below(4) === 0;
      if (person === undefined || comes) {
        if (people.length < options.mostPeople) await join();
      } else {
        person.busy = true;
        await act(person);
        person.busy = false;
      }
      await sleep(pauseMs);
    }
  }

  async function pause(): Promise<void> {
    goes = false;
    await running;
    await libraries.flush();
  }

  return {
    get users() {
      return people.map(({ userId }) => userId);
    },
    start() {
      if (goes) return;
      goes = true;
      givenUp = false;
      running = Promise.all(Array.from({ length: workers }, work));
    },
    pause,
    async giveUp() {
      givenUp = true;
      await pause();
    },
    close: () => libraries.close(),
  };
}

async function post(url: string, body: Buffer, packed: boolean): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/v1/batch`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
        ...(packed && { 'content-encoding': 'gzip' }),
      },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(10_000),
    });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}

interface Libraries {
  segment(userId: string, timestamp: Date): void;
  rudder(userId: string, timestamp: Date): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

function createLibraries(url: string): Libraries {
  const segment = new Analytics({
    writeKey,
    host: url,
    flushAt: 5,
    flushInterval: 100,
    maxRetries: 6,
  });
  segment.on('error', () => undefined); // its messages are among those that may or may not be there
  const rudder = new RudderAnalytics(writeKey, {
    dataPlaneUrl: url,
    flushAt: 5,
    flushInterval: 100,
    logLevel: 'none',
    errorHandler: () => undefined,
  });
  const atMost = (work: Promise<unknown>): Promise<unknown> => Promise.race([work, sleep(5_000)]);
  return {
    segment: (userId, timestamp) =>
      segment.track({ userId, event: 'Page Seen', properties: { by: 'segment' }, timestamp }),
    rudder: (userId, timestamp) =>
      void rudder.track({ userId, event: 'Page Seen', properties: { by: 'rudder' }, timestamp }),
    async flush() {
      await atMost(segment.flush({ close: false, timeout: 4_000 }));
      await atMost(rudder.flush().catch(() => undefined));
    },
    async close() {
      await atMost(segment.closeAndFlush({ timeout: 1_000 }));
    },
  };
}
