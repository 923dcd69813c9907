// A destination that keeps what it is sent in memory and misbehaves as a test tells it to.
import {
  defineDestination,
  PluginError,
  type ActionDelivery,
  type DeliveryBase,
  type DeliveryOutcome,
  type DestinationPlugin,
  type EraseDelivery,
  type EventDelivery,
  type JsonObject,
  type MemberDelivery,
  type Outcome,
  type PluginErrorKind,
  type ProfileDelivery,
} from '@tributary/sdk';

/** `effect`: what was sent arrives. `answer`: what the hub hears of it. */
export interface Fault {
  readonly effect: boolean;
  readonly answer:
    | 'delivered'
    | 'retry'
    | 'rejected'
    | 'in_doubt'
    | 'filtered'
    | 'missing'
    | 'doubled'
    | 'accepted'
    | 'nonsense'
    | 'never'
    | PluginErrorThrow
    | EachOutcome;
}
/** An outcome of its own for each delivery. */
export interface EachOutcome {
  each(key: string): Outcome;
}
export interface PluginErrorThrow {
  readonly throws: PluginErrorKind | 'plain';
  readonly retryAfterMs?: number;
}

export interface Call {
  readonly feature: 'add' | 'remove' | 'upsert' | 'run' | 'forward' | 'poll' | 'erase';
  readonly list: string;
  readonly keys: readonly string[];
  /** Of calls that carry changes. */
  readonly changeIds?: readonly string[];
}

interface ListCall {
  readonly list: string;
  readonly deliveries: readonly MemberDelivery[];
}

export interface ScriptedDestination {
  readonly plugin: DestinationPlugin;
  readonly lists: Map<string, Map<string, JsonObject>>;
  readonly profiles: Map<string, JsonObject>;
  /** Key → what the last removal of the profile said to be there. */
  readonly takenBack: Map<string, JsonObject | null>;
  readonly mails: {
    readonly key: string;
    readonly actionId: string;
    readonly traits: JsonObject;
  }[];
  readonly events: EventDelivery[];
  readonly calls: Call[];
  /** Asked at each call, before any effect. Default: all is well. */
  script(call: Call): Fault | undefined;
  /** Waited for at the beginning of each call, after it was recorded. */
  before: ((call: Call) => Promise<void>) | undefined;
  /** How a job stands, or undefined: by how it was taken. Default: undefined. */
  poll: ((deliveries: readonly DeliveryBase[], job: string) => DeliveryOutcome[]) | undefined;
  /** Are the credentials good? Default: they are. */
  check(): Promise<void>;
}

export interface ScriptedOptions {
  readonly idempotent?: boolean;
  /** Namespaces that it can address. Default: `email`. */
  readonly identifiers?: readonly string[];
  readonly key?: (identifier: { readonly namespace: string; readonly value: string }) => string;
  readonly refreshAfterMs?: number;
  readonly batchRecords?: number;
  readonly concurrency?: number;
  /** Cannot take anybody off a list. */
  readonly append?: boolean;
  /** Can forget a person altogether. */
  readonly erase?: boolean;
}

interface Delivered {
  readonly handle: string;
  readonly key: string;
  readonly changeId?: string;
}

const well: Fault = { effect: true, answer: 'delivered' };

export function scriptedDestination(options: ScriptedOptions = {}): ScriptedDestination {
  const lists = new Map<string, Map<string, JsonObject>>();
  const profiles = new Map<string, JsonObject>();
  const takenBack = new Map<string, JsonObject | null>();
  const { idempotent = false } = options;
  const jobs = new Map<string, Fault>();

  async function handle<Delivery extends Delivered>(
    feature: Call['feature'],
    list: string,
    deliveries: readonly Delivery[],
    take: (delivery: Delivery) => void,
  ): Promise<readonly DeliveryOutcome[]> {
    const call = {
      feature,
      list,
      keys: deliveries.map((delivery) => delivery.key),
      changeIds: deliveries.flatMap(({ changeId }) => changeId ?? []),
    };
    scripted.calls.push(call);
    await scripted.before?.(call);
    const fault = scripted.script(call) ?? well;
    if (fault.effect) deliveries.forEach(take);
    return answer(fault, deliveries, jobs);
  }
  const listOf = (name: string): Map<string, JsonObject> => {
    const list = lists.get(name) ?? new Map<string, JsonObject>();
    lists.set(name, list);
    return list;
  };

  const remove = ({ list, deliveries }: ListCall): Promise<readonly DeliveryOutcome[]> =>
    handle('remove', list, deliveries, (delivery) => listOf(list).delete(delivery.key));
  const lasting = {
    ...(options.refreshAfterMs !== undefined && { refreshAfterMs: options.refreshAfterMs }),
    add: ({ list, deliveries }: ListCall): Promise<readonly DeliveryOutcome[]> =>
      handle('add', list, deliveries, (delivery: MemberDelivery) =>
        listOf(list).set(delivery.key, delivery.traits),
      ),
    async *list({ list }: { readonly list: string }) {
      yield [...listOf(list).keys()].map((key) => ({ key }));
    },
  };

  const scripted: ScriptedDestination = {
    lists,
    profiles,
    takenBack,
    mails: [],
    events: [],
    calls: [],
    script: () => undefined,
    before: undefined,
    poll: undefined,
    async check() {},
    plugin: defineDestination({
      name: 'scripted',
      title: 'Scripted',
      settings: { type: 'object', properties: {} },
      identifiers: options.identifiers ?? ['email'],
      channel: 'email',
      ...(options.key && { key: options.key }),
      limits: {
        batchRecords: options.batchRecords ?? 500,
        concurrency: options.concurrency ?? 1,
        timeoutMs: 30_000,
      },
      check: () => scripted.check(),
      audiences:
        options.append === true
          ? { mode: 'append', ...lasting }
          : { mode: 'mirror', ...lasting, remove },
      ...(options.erase === true && {
        erase: ({ deliveries }: { readonly deliveries: readonly EraseDelivery[] }) =>
          handle('erase', '', deliveries, ({ key }) => {
            for (const list of lists.values()) list.delete(key);
            profiles.delete(key);
          }),
      }),
      profiles: {
        upsert: ({ deliveries }) =>
          handle('upsert', '', deliveries, ({ key, previous, next }: ProfileDelivery) => {
            if (next === null) {
              profiles.delete(key);
              takenBack.set(key, previous);
            } else profiles.set(key, next);
          }),
      },
      events: {
        idempotent,
        forward: ({ deliveries }) =>
          handle('forward', '', deliveries, (delivery) => scripted.events.push(delivery)),
      },
      actions: {
        mail: {
          title: 'Mail',
          idempotent,
          run: ({ deliveries }) =>
            handle('run', '', deliveries, ({ key, actionId, traits }: ActionDelivery) =>
              scripted.mails.push({ key, actionId, traits }),
            ),
        },
      },
      async poll({ job, deliveries }) {
        scripted.calls.push({ feature: 'poll', list: '', keys: deliveries.map(({ key }) => key) });
        if (scripted.poll) return scripted.poll(deliveries, job);
        const fault = jobs.get(job);
        const outcome =
          fault?.effect === true
            ? ({ kind: 'delivered' } as const)
            : ({ kind: 'retry', reason: 'the job failed' } as const);
        return deliveries.map((delivery) => ({ handle: delivery.handle, outcome }));
      },
    }),
  };
  return scripted;
}

async function answer(
  { effect, answer: kind }: Fault,
  deliveries: readonly Delivered[],
  jobs: Map<string, Fault>,
): Promise<readonly DeliveryOutcome[]> {
  const all = (outcome: DeliveryOutcome['outcome']): DeliveryOutcome[] =>
    deliveries.map(({ handle }) => ({ handle, outcome }));
  if (typeof kind === 'object' && 'each' in kind) {
    return deliveries.map(({ handle, key }) => ({ handle, outcome: kind.each(key) }));
  }
  if (typeof kind === 'object') {
    if (kind.throws === 'plain') throw new Error('socket hang up');
    const after = kind.retryAfterMs === undefined ? {} : { retryAfterMs: kind.retryAfterMs };
    throw new PluginError(kind.throws, `the vendor says ${kind.throws}`, after);
  }
  switch (kind) {
    case 'delivered':
      return all({ kind: 'delivered', vendorId: 'v1' });
    case 'retry':
      return all({ kind: 'retry', reason: 'later' });
    case 'rejected':
      return all({ kind: 'rejected', reason: 'no such address', vendorCode: 400 });
    case 'in_doubt':
      return all({ kind: 'in_doubt', reason: 'perhaps' });
    case 'filtered':
      return all({ kind: 'filtered', reason: 'no word for it' });
    case 'missing':
      return [];
    case 'doubled':
      return [...all({ kind: 'delivered' }), ...all({ kind: 'delivered' })];
    case 'accepted': {
      const job = `job ${jobs.size}`;
      jobs.set(job, { effect, answer: kind });
      return all({ kind: 'accepted', job, pollAfterMs: 1_000 });
    }
    case 'nonsense':
      return all({ kind: 'finished' } as never);
    case 'never':
      return new Promise(() => {});
  }
}
