// What must not compile. Each line below a `@ts-expect-error` is a mistake that the compiler finds: were
// it to pass, `npm run check` would fail here.
import { expect, test } from 'vitest';
import {
  defineDestination,
  defineSource,
  type AudienceCall,
  type AudienceFeature,
  type DeliveryOutcome,
  type SourceCall,
  type SourceDefinition,
} from './index.ts';

interface Session {
  readonly token: string;
}

const settings = { type: 'object' } as const;
type Settings = typeof settings;

const destination = {
  name: 'mailer',
  title: 'Mailer',
  settings,
  identifiers: ['email'],
  channel: 'email',
} as const;
const source = { name: 'shop', title: 'Shop', settings } as const;

const change = async (): Promise<readonly DeliveryOutcome[]> => [];

test('an audience that is a mirror has `remove`, and one that only grows has none', () => {
  const whole: AudienceFeature<Settings, undefined>[] = [
    { mode: 'mirror', add: change, remove: change },
    { mode: 'append', add: change },
  ];
  // @ts-expect-error -- nobody could be taken off the list
  const blind: AudienceFeature<Settings, undefined> = { mode: 'mirror', add: change };
  // @ts-expect-error -- the hub would never call it
  const idle: AudienceFeature<Settings, undefined> = {
    mode: 'append',
    add: change,
    remove: change,
  };

  // @ts-expect-error -- the same where a plugin is declared
  const plugin = defineDestination({ ...destination, audiences: { mode: 'mirror', add: change } });

  expect([...whole, blind, idle, plugin]).toHaveLength(5);
});

test('a destination whose functions get a connection opens it', () => {
  const add = async ({ connection }: AudienceCall<unknown, Session>): ReturnType<typeof change> =>
    connection.token === '' ? [] : change();
  const audiences = { mode: 'append', add } as const;
  const open = (): Session => ({ token: 'sesame' });

  const whole = [
    defineDestination<Settings, Session>({ ...destination, audiences, open }),
    defineDestination({ ...destination, audiences, open }),
    defineDestination({ ...destination, audiences: { mode: 'append', add: change } }),
    defineDestination<Settings, Session | undefined>({
      ...destination,
      audiences: { mode: 'append', add: change },
    }),
  ];
  // @ts-expect-error -- `connection` would be undefined
  const closed = defineDestination<Settings, Session>({ ...destination, audiences });
  // @ts-expect-error -- also where only its functions say what they get
  const untold = defineDestination({ ...destination, audiences });

  expect([...whole, closed, untold].map(({ kind }) => kind)).toEqual(
    Array.from({ length: 6 }, () => 'destination'),
  );
});

test('a source whose functions get a connection opens it', () => {
  async function* pull({ connection }: SourceCall<unknown, Session>): AsyncGenerator<{
    readonly records: [];
    readonly checkpoint: string;
  }> {
    yield { records: [], checkpoint: connection.token };
  }
  const open = async (): Promise<Session> => ({ token: 'sesame' });

  const whole = [
    defineSource<Settings, Session>({ ...source, pull, open }),
    defineSource({ ...source, pull, open }),
    defineSource({ ...source, async *pull() {} }),
  ];
  // @ts-expect-error -- `connection` would be undefined
  const closed = defineSource<Settings, Session>({ ...source, pull });
  // @ts-expect-error -- also where only its functions say what they get
  const untold = defineSource({ ...source, pull });
  // @ts-expect-error -- also where the definition is written down before it is declared
  const definition: SourceDefinition<Settings, Session> = { ...source, pull };

  expect([...whole, closed, untold, definition].map(({ name }) => name)).toEqual(
    Array.from({ length: 6 }, () => 'shop'),
  );
});
