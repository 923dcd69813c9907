// The process that sends: requests as @segment/analytics-node makes them, over a bounded number of
// connections, made ahead so that their making does not slow the sending. Started by `start-load.ts`.
import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { sources, type Source } from './config.ts';
import { steadyNow, type LoadPlan, type LoadReport } from './messages.ts';
import { createTraffic, type Traffic } from './traffic.ts';

interface Post {
  readonly source: Source;
  readonly body: Buffer;
  readonly size: number;
}

/** Bodies that are made before the first is sent; the rest on the way. */
const madeAhead = 2_000;

process.once('message', (plan: LoadPlan) => {
  void run(plan).then((report) => process.send?.(report, () => process.disconnect()));
});

async function run(plan: LoadPlan): Promise<LoadReport> {
  const traffics = sources.map((source, place) => {
    const seed = plan.seed * sources.length + place;
    const firstNew = plan.firstNew + place * 10_000_000;
    return { source, traffic: createTraffic({ source, seed, known: plan.known, firstNew }) };
  });
  const count = Math.ceil(plan.events / plan.batch);
  const make = (number: number): Post => {
    const { source, traffic } = traffics[number % traffics.length] as (typeof traffics)[number];
    const size = Math.min(plan.batch, plan.events - number * plan.batch);
    return { source, size, body: bodyOf(traffic, number, size, plan) };
  };
  const made = new Map<number, Post>();
  for (let number = 0; number < Math.min(count, madeAhead); number += 1) {
    made.set(number, make(number));
  }
  const report = await sendAll(plan, count, (number) => {
    const post = made.get(number) ?? make(number);
    made.delete(number);
    return post;
  });
  const buyers = traffics.flatMap(({ traffic }) => [...traffic.buyers]);
  return { ...report, buyers };
}

function bodyOf(traffic: Traffic, number: number, size: number, { gzip }: LoadPlan): Buffer {
  const now = Date.now();
  const batch = traffic.next(number, size, now);
  const text = JSON.stringify({ batch, sentAt: new Date(now).toISOString() });
  return gzip ? gzipSync(text) : Buffer.from(text);
}

async function sendAll(
  plan: LoadPlan,
  count: number,
  take: (number: number) => Post,
): Promise<Omit<LoadReport, 'buyers'>> {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.concurrency });
  const dueAt: number[] = [];
  const ackedAt: number[] = [];
  const sizes: number[] = [];
  let [bytes, repeated, next] = [0, 0, 0];
  const started = steadyNow();
  const dueOf = (number: number): number | undefined =>
    plan.rate === undefined ? undefined : started + (number * plan.batch * 1_000) / plan.rate;
  async function work(): Promise<void> {
    for (let number = next++; number < count; number = next++) {
      const post = take(number);
      const due = dueOf(number);
      const wait = (due ?? 0) - steadyNow();
      if (wait > 0) await sleep(wait);
      dueAt[number] = due ?? steadyNow();
      repeated += await deliver(plan, agent, post);
      ackedAt[number] = steadyNow();
      sizes[number] = post.size;
      bytes += post.body.byteLength;
    }
  }
  // At a fixed rate nobody waits for others, as clients of different servers do not.
  const workers = plan.rate === undefined ? plan.concurrency : plan.concurrency * 4;
  await Promise.all(Array.from({ length: workers }, work));
  agent.destroy();
  return { dueAt, ackedAt, sizes, bytes, repeated };
}

/** @returns how often it had to be sent again. */
async function deliver(plan: LoadPlan, agent: Agent, post: Post): Promise<number> {
  for (let attempt = 0; ; attempt += 1) {
    const status = await send(plan, agent, post);
    if (status === 200) return attempt;
    if (status !== 429 && status !== 503) throw new Error(`the hub answered ${status}`);
    await sleep(100 * (attempt + 1));
  }
}

function send(plan: LoadPlan, agent: Agent, { source, body }: Post): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${plan.url}/${source.id}/v1/batch`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'analytics-node-next/latest',
          authorization: `Basic ${Buffer.from(`${source.key}:`).toString('base64')}`,
          'content-length': body.byteLength,
          ...(plan.gzip ? { 'content-encoding': 'gzip' } : {}),
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}
