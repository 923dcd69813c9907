// The badly written plugin of the odd vendor: it throws, answers nonsense, names people twice or not at
// all, believes in jobs that are lost, and hangs, as the vendor says that it should.
import { defineDestination, type AudienceCall, type DeliveryOutcome } from '@tributary/sdk';
import type { OddMood, OddRequest } from './odd-vendor.ts';

interface Settings {
  readonly url: string;
}

// oxlint-disable-next-line import/no-default-export -- what config names exports its plugin so
export default defineDestination({
  name: 'odd',
  title: 'Odd vendor of the fault harness',
  settings: {
    type: 'object',
    properties: { url: { type: 'string' } },
    required: ['url'],
    additionalProperties: false,
  },
  identifiers: ['email'],
  channel: 'email',
  limits: { batchRecords: 100, concurrency: 1 },
  audiences: {
    mode: 'mirror',
    add: (call) => change('add', call),
    remove: (call) => change('remove', call),
  },
  async poll(call) {
    const keys = call.deliveries.map(({ key }) => key);
    const mood = await ask(call, { what: 'poll', list: '', keys });
    if (mood !== 'well') return misbehave(mood, call.deliveries);
    const outcome = { kind: 'retry', reason: 'the vendor knows of no such job' } as const;
    return call.deliveries.map(({ handle }) => ({ handle, outcome }));
  },
});

async function change(
  what: 'add' | 'remove',
  call: AudienceCall<Settings, undefined>,
): Promise<readonly DeliveryOutcome[]> {
  const { list, deliveries } = call;
  const mood = await ask(call, { what, list, keys: deliveries.map(({ key }) => key) });
  return misbehave(mood, deliveries);
}

type Caller = Pick<AudienceCall<Settings, undefined>, 'fetch' | 'settings' | 'signal'>;

async function ask({ fetch, settings, signal }: Caller, request: OddRequest): Promise<OddMood> {
  const answer = await fetch(settings.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal,
  });
  const { mood } = (await answer.json()) as { readonly mood: OddMood };
  return mood;
}

function misbehave(
  mood: OddMood,
  deliveries: readonly { readonly handle: string }[],
): Promise<readonly DeliveryOutcome[]> | readonly DeliveryOutcome[] {
  const well: DeliveryOutcome[] = deliveries.map(({ handle }) => ({
    handle,
    outcome: { kind: 'delivered' },
  }));
  switch (mood) {
    case 'well':
      return well;
    case 'throws':
      throw new TypeError('Cannot read properties of undefined');
    case 'nonsense':
      return ['done', 42, { outcome: { kind: 'delivered' } }] as never;
    case 'doubles':
      return [...well, ...well];
    case 'omits':
      return well.slice(0, Math.floor(well.length / 2));
    case 'loses-job':
      return well.map(({ handle }) => ({ handle, outcome: { kind: 'accepted', job: 'lost' } }));
    case 'hangs':
      return new Promise(() => undefined);
  }
}
