// A good plugin passes every check; each flaw makes exactly the checks fail that are about it.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, test } from 'vitest';
import {
  classifyStatus,
  defineDestination,
  isJsonObject,
  isPluginError,
  outcomeOfError,
  PluginError,
  sameOutcome,
  type AudienceCall,
  type DeliveryOutcome,
  type DestinationPlugin,
  type EventDelivery,
  type EventFeature,
  type MemberDelivery,
  type Outcome,
} from '../index.ts';
import type { DestinationCases } from './destination-cases.ts';
import { registerChecks, runChecks, testDestination } from './index.ts';

type Flaw =
  | 'sends empty batches'
  | 'counts on places'
  | 'forgets a handle'
  | 'answers twice'
  | 'retries for ever'
  | 'drops the batch'
  | 'takes any 200'
  | 'waits in seconds only'
  | 'ignores Retry-After'
  | 'shrugs at 401'
  | 'follows redirects'
  | 'calls time-outs retries'
  | 'rejects on 500'
  | 'ignores the signal'
  | 'logs its key'
  | 'throws its key'
  | 'makes up ids'
  | 'throws dice for ids'
  | 'is not told apart'
  | 'names changes after handles'
  | 'names changes after people'
  | 'blames who only waits'
  | 'allows any setting'
  | 'cannot stand repeats'
  | 'leaves out what is so already'
  | 'says nothing of the reason'
  | 'shows its key in forms'
  | 'explains nothing'
  | 'tries again itself'
  | 'forgets the signal'
  | 'asks elsewhere';

interface Settings {
  readonly apiKey: string;
  readonly baseUrl: string;
}
type Call = AudienceCall<Settings, undefined>;

function createMailingList(flaw?: Flaw): DestinationPlugin {
  // Most flaws show with one call as well as with three, in a third of the time.
  const isSmall = isAboutOneCall(flaw);
  const has = (...flaws: Flaw[]): boolean => flaw !== undefined && flaws.includes(flaw);

  async function change(call: Call, verb: string): Promise<readonly DeliveryOutcome[]> {
    const { deliveries, settings, log, clock } = call;
    if (deliveries.length === 0 && !has('sends empty batches')) return [];
    if (has('logs its key')) log.info(`calling with ${settings.apiKey}`);
    const answer = await send(call, `/lists/${call.list}/${verb}`, {
      emails: deliveries.map(({ key }) => key),
    });
    if (answer.status === 409 && !has('cannot stand repeats')) {
      return sameOutcome(deliveries, outcomeOfRepeat());
    }
    if (has('retries for ever') && answer.status === 400) {
      return sameOutcome(deliveries, { kind: 'retry', reason: 'refused' });
    }
    if (has('rejects on 500') && answer.status === 500) {
      return sameOutcome(deliveries, { kind: 'rejected', reason: 'trouble' });
    }
    if (has('shrugs at 401') && answer.status === 401) throw new Error('refused');
    const failure = classifyStatus(answer, clock.now());
    if (failure && has('throws its key')) {
      throw new PluginError(failure.kind, `${failure.message} with ${settings.apiKey}`, {
        retryAfterMs: failure.retryAfterMs ?? 0,
      });
    }
    if (failure?.kind === 'rate_limited') throw limited(answer, failure);
    if (failure) throw failure;
    if (has('takes any 200')) return sameOutcome(deliveries, { kind: 'delivered' });
    return mend(read(deliveries, await answer.text()));
  }

  function outcomeOfRepeat(): Outcome {
    const leavesOut = has('leaves out what is so already');
    return leavesOut ? { kind: 'filtered', reason: 'it is so' } : { kind: 'delivered' };
  }

  function nameOf({ handle, key, changeId }: MemberDelivery): string {
    if (has('names changes after people')) return key;
    return has('names changes after handles') ? handle : changeId;
  }

  function limited(answer: Response, failure: PluginError): PluginError {
    const seconds = Number(answer.headers.get('retry-after'));
    if (has('ignores Retry-After')) return new PluginError('rate_limited', 'too fast');
    if (!has('waits in seconds only') || Number.isFinite(seconds)) return failure;
    return new PluginError('rate_limited', 'too fast');
  }

  async function send(call: Call, path: string, body: unknown): Promise<Response> {
    const { settings, fetch } = call;
    const init = {
      method: 'POST',
      headers: {
        authorization: `Bearer ${settings.apiKey}`,
        'content-type': 'application/json',
        ...(call.deliveries[0] && { 'x-change': nameOf(call.deliveries[0]) }),
      },
      body: JSON.stringify(body),
      ...(has('forgets the signal', 'ignores the signal') ? {} : { signal: call.signal }),
    };
    if (has('asks elsewhere')) await fetch('https://telemetry.example').catch(() => undefined);
    if (has('tries again itself')) {
      for (let left = 3; left > 0; left -= 1) {
        const answer = await fetch(settings.baseUrl + path, init);
        if (answer.status !== 503) return answer;
        await answer.body?.cancel();
      }
    }
    if (has('ignores the signal')) {
      const slow = await Promise.race([
        globalThis.fetch(settings.baseUrl + path, init),
        pause(1_800),
      ]);
      if (!(slow instanceof Response)) throw new PluginError('unknown', 'no answer');
      return slow;
    }
    if (has('follows redirects')) {
      const answer = await fetch(settings.baseUrl + path, init);
      const next = answer.headers.get('location');
      return next === null ? answer : fetch(settings.baseUrl + next, init);
    }
    if (!has('calls time-outs retries')) return fetch(settings.baseUrl + path, init);
    return fetch(settings.baseUrl + path, init).catch(() => {
      throw new PluginError('transient', 'time-out');
    });
  }

  function read(deliveries: readonly MemberDelivery[], text: string): DeliveryOutcome[] {
    const unknown = new PluginError('unknown', 'the answer has no results');
    const answer = parse(text);
    if (answer === undefined) throw unknown;
    const { results } = answer;
    if (!isJsonObject(results)) throw unknown;
    const words = Object.values(results);
    return deliveries.map(({ handle, key }, index) => {
      const word = has('counts on places') ? words[index] : results[key];
      if (word === 'ok') return { handle, outcome: { kind: 'delivered' } };
      if (has('drops the batch')) throw new PluginError('rejected', 'one is bad, so all are');
      const reason = has('says nothing of the reason') ? '' : JSON.stringify(word);
      return { handle, outcome: { kind: 'rejected', reason } };
    });
  }

  function mend(outcomes: DeliveryOutcome[]): DeliveryOutcome[] {
    if (has('forgets a handle')) return outcomes.slice(1);
    if (has('answers twice')) return [...outcomes, ...outcomes.slice(0, 1)];
    return outcomes;
  }

  return defineDestination({
    name: 'mailing-list',
    title: 'A mailing list',
    settings: {
      type: 'object',
      properties: {
        apiKey: {
          type: 'string',
          minLength: 1,
          ...(has('shows its key in forms') ? {} : { writeOnly: true }),
          title: 'API key',
        },
        baseUrl: { type: 'string', ...(has('explains nothing') ? {} : { title: 'Base URL' }) },
      },
      required: ['apiKey', 'baseUrl'],
      additionalProperties: has('allows any setting'),
    },
    identifiers: ['email'],
    channel: 'email',
    audiences: isSmall
      ? { mode: 'append', add: async (call) => change(call, 'add') }
      : {
          mode: 'mirror',
          add: async (call) => change(call, 'add'),
          remove: async (call) => change(call, 'remove'),
        },
    ...(isSmall ? {} : { events: events() }),
  });

  function events(): EventFeature<Settings, undefined> {
    return {
      idempotent: true,
      async forward(call) {
        const outcomes: DeliveryOutcome[] = [];
        for (const delivery of call.deliveries) {
          const id = idOf(delivery, call.random);
          const member = { ...delivery, changeId: id, traits: {} };
          const list = `events-${id}`;
          const [outcome] = await change({ ...call, list, deliveries: [member] }, 'event').catch(
            (error: unknown) => [{ handle: member.handle, outcome: excused(error, outcomes) }],
          );
          if (outcome) outcomes.push(outcome);
        }
        return outcomes;
      },
    };
  }

  function excused(error: unknown, earlier: readonly DeliveryOutcome[]): Outcome {
    if (!isPluginError(error) || earlier.length === 0) throw error;
    const outcome = outcomeOfError(error);
    if (outcome.kind !== 'retry' || !has('blames who only waits')) return outcome;
    return { kind: 'retry', reason: outcome.reason, retryAfterMs: outcome.retryAfterMs ?? 0 };
  }

  function idOf({ event }: EventDelivery, random: () => number): string {
    if (has('makes up ids')) {
      madeUp += 1;
      return `${random()}-${madeUp}`;
    }
    if (has('throws dice for ids')) return String(random());
    return has('is not told apart') ? 'constant' : event.messageId;
  }
}

function isAboutOneCall(flaw: Flaw | undefined): boolean {
  return flaw !== undefined && !aboutSeveralCalls.includes(flaw);
}

const aboutSeveralCalls: readonly Flaw[] = [
  'makes up ids',
  'throws dice for ids',
  'is not told apart',
  'blames who only waits',
  'leaves out what is so already',
];
let madeUp = 0;

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const member = (name: string): MemberDelivery => ({
  handle: `h-${name}`,
  changeId: `c-${name}`,
  key: `${name}@example.com`,
  identifier: { namespace: 'email', value: `${name}@example.com` },
  traits: {},
});
const [ada, bob, cyd] = [member('ada'), member('bob'), member('cyd')];
const event = (person: MemberDelivery, messageId: string): EventDelivery => ({
  ...person,
  lane: person.key,
  event: {
    messageId,
    type: 'track',
    name: 'Order Completed',
    timestamp: '2026-01-01T00:00:00.000Z',
    receivedAt: '2026-01-01T00:00:00.000Z',
    identifiers: [person.identifier],
    profileId: 'p1',
    properties: {},
    traits: {},
    context: {},
  },
});

const cases: DestinationCases = {
  settings: (vendorUrl) => ({ apiKey: 'key-of-the-list-0042', baseUrl: vendorUrl }),
  vendor: {
    respond(request, scenario) {
      if (scenario.kind === 'again') return { status: 409, json: { error: 'so already' } };
      const { emails } = request.json() as { emails: string[] };
      const refused = scenario.kind === 'refuse' ? scenario.key : undefined;
      // As vendors do, in an order of its own.
      const results = emails
        .toSorted()
        .map((email) => [email, email === refused ? 'bounced' : 'ok']);
      return { json: { results: Object.fromEntries(results) } };
    },
    idempotencyKey: (request) =>
      /events-([^/]+)/.exec(request.path)?.[1] ?? request.headers['x-change'],
  },
  examples: [
    {
      title: 'puts people on a list',
      in: { call: 'audiences.add', list: 'vip', deliveries: [ada, bob, cyd] },
      out: {
        requests: [
          {
            method: 'POST',
            path: '/lists/vip/add',
            headers: { authorization: 'Bearer key-of-the-list-0042' },
            body: { emails: ['ada@example.com', 'bob@example.com', 'cyd@example.com'] },
          },
        ],
      },
    },
    {
      title: 'takes a person off a list',
      in: { call: 'audiences.remove', list: 'vip', deliveries: [bob, ada] },
      out: { requests: [{ method: 'POST', path: '/lists/vip/remove' }] },
    },
    {
      title: 'forwards events',
      in: { call: 'events.forward', deliveries: [event(ada, 'm1'), event(bob, 'm2')] },
      out: {
        requests: [
          { method: 'POST', path: '/lists/events-m1/event' },
          { method: 'POST', path: '/lists/events-m2/event' },
        ],
      },
    },
  ],
};

describe('a good plugin', () => {
  registerChecks(test, testDestination(createMailingList(), cases));
});

async function failing(flaw: Flaw): Promise<string[]> {
  const examples = isAboutOneCall(flaw) ? cases.examples.slice(0, 1) : cases.examples;
  const results = await runChecks(testDestination(createMailingList(flaw), { ...cases, examples }));
  const names = results.filter(({ error }) => error !== undefined).map(({ name }) => name);
  return [...new Set(names.map((name) => name.replace(/^(audiences|events)\.\w+: /, '')))];
}

describe.concurrent('a plugin that', () => {
  it.each<[Flaw, string[]]>([
    ['sends empty batches', ['makes no request for an empty batch']],
    ['counts on places', ['gives the refusal to the delivery that was refused']],
    ['drops the batch', ['gives the refusal to the delivery that was refused']],
    ['says nothing of the reason', ['gives the refusal to the delivery that was refused']],
    ['retries for ever', ['does not retry what will never be taken']],
    ['waits in seconds only', ['waits as long as it is asked to, as a date']],
    [
      'ignores Retry-After',
      ['waits as long as it is asked to, in seconds', 'waits as long as it is asked to, as a date'],
    ],
    ['shrugs at 401', ['pauses when its credentials are refused']],
    ['rejects on 500', ['keeps what a 500 kept from arriving']],
    [
      'takes any 200',
      [
        'gives the refusal to the delivery that was refused',
        'does not know what became of a request whose answer was cut',
        'does not take an answer it cannot read for a delivery (a page)',
        'does not take an answer it cannot read for a delivery (an empty object)',
      ],
    ],
    ['follows redirects', ['takes a redirect for no delivery']],
    [
      'calls time-outs retries',
      [
        'does not know what became of a request without an answer',
        'does not know what became of a request whose connection broke',
      ],
    ],
    ['shows its key in forms', ['marks its secrets']],
    ['explains nothing', ['documents its settings']],
    ['tries again itself', ['leaves trying again to the hub']],
    ['asks elsewhere', ['example: puts people on a list']],
    ['logs its key', ['shows no secret']],
    ['throws its key', ['shows no secret']],
    ['makes up ids', ['example: forwards events', 'repeats a delivery under the same key']],
    ['throws dice for ids', ['example: forwards events', 'repeats a delivery under the same key']],
    ['is not told apart', ['example: forwards events', 'repeats a delivery under the same key']],
    ['blames who only waits', ['blames nobody for a wait that is asked for half-way']],
    ['names changes after handles', ['tells one change from another']],
    ['names changes after people', ['tells one change from another']],
    ['allows any setting', ['refuses settings it does not know']],
    ['cannot stand repeats', ['takes what is so already for done']],
  ])('%s fails at exactly that', async (flaw, names) => {
    expect(await failing(flaw)).toEqual(names);
  });

  it.each<[Flaw, string]>([
    ['forgets a handle', 'answers for every handle once'],
    ['answers twice', 'answers for every handle once'],
    ['ignores the signal', 'stops when it is told to'],
    ['forgets the signal', 'stops when it is told to'],
  ])('%s fails at that too', async (flaw, name) => {
    expect(await failing(flaw)).toContain(name);
  });
});

describe('the suite', () => {
  it('lets a removal leave out what is so already, and no addition', async () => {
    const plugin = createMailingList('leaves out what is so already');
    const failed = (await runChecks(testDestination(plugin, cases))).filter(({ error }) => error);
    expect(failed.map(({ name }) => name)).toEqual([
      'audiences.add: takes what is so already for done',
    ]);
  });

  it('asks for an example of everything the plugin can do', async () => {
    const only = { ...cases, examples: cases.examples.slice(0, 1) };
    const results = await runChecks(testDestination(createMailingList(), only));
    const failed = results.filter(({ error }) => error !== undefined);
    expect(failed.map(({ name }) => name)).toEqual(['has an example for each thing it can do']);
    expect(String(failed[0]?.error)).toContain('audiences.remove, events.forward');
  });

  it('says what the vendor saw where an example is wrong', async () => {
    const examples = cases.examples.map((example) => ({ ...example, out: { requests: [] } }));
    const wrong = { ...cases, examples };
    const results = await runChecks(testDestination(createMailingList(), wrong));
    const failed = results.find(({ name }) => name.startsWith('example'));
    expect(String(failed?.error)).toContain('one request too many: POST /lists/vip/add');
  });
});
