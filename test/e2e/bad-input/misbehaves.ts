// A source that does wrong in the way that its settings say.
import {
  defineSource,
  type SourceAnswer,
  type SourcePage,
  type SourceRecord,
} from '@tributary/sdk';

const record = (messageId: string): SourceRecord => ({
  type: 'track',
  event: 'E',
  messageId,
  identifiers: [{ namespace: 'user_id', value: 'misbehaves' }],
});
const fine = () => ({ status: 200 });
const never = async (): Promise<never> => new Promise(() => undefined);
/** What types would not let pass: a plugin is JavaScript by the time it runs. */
const nonsense = <Claimed>(value: unknown): Claimed => value as Claimed;

const answers: Readonly<Record<string, () => Promise<SourceAnswer> | SourceAnswer>> = {
  throws: () => {
    throw new Error('a word of ada@example.com that is nobody’s business');
  },
  rejects: async () => Promise.reject(new TypeError('x is undefined')),
  'throws nothing': async () => Promise.reject(nonsense<Error>(undefined)),
  hangs: never,
  'answers undefined': () => nonsense(undefined),
  'answers a text': () => nonsense('records'),
  'answers records that are none': () => nonsense({ records: 'x', respond: fine }),
  'answers without respond': () => nonsense({ records: [record('no-respond')] }),
  'answers no status': () => nonsense({ answer: {} }),
  'answers a status of its own': () => ({ answer: { status: 9_999 } }),
  'breaks a header': () => ({ answer: { status: 200, headers: { 'x-a': 'b\r\nset-cookie: c' } } }),
  'throws after the commit': () => ({
    records: [record('committed')],
    respond: () => {
      throw new Error('too late');
    },
  }),
  'floods with 50,000 records': () => ({
    records: Array.from({ length: 50_000 }, (_, place) => record(`flood-${place}`)),
    respond: fine,
  }),
};

const pages: Readonly<Record<string, () => AsyncIterable<SourcePage>>> = {
  async *'pull throws'() {
    yield { records: [] };
    throw new Error('the vendor is away');
  },
  async *'pull hangs'() {
    yield { records: [] };
    await never();
  },
  async *'pull yields nothing at all'() {
    yield nonsense<SourcePage>(undefined);
  },
  async *'pull yields a text'() {
    yield nonsense<SourcePage>({ records: 'x' });
  },
  async *'pull has a checkpoint of 1 MB'() {
    yield { records: [], checkpoint: 'x'.repeat(1_000_000) };
  },
  async *'pull never ends'() {
    for (let page = 0; ; page += 1)
      yield { records: [record(`endless-${page}`)], checkpoint: page };
  },
  async *'pull goes in circles'() {
    for (;;) yield { records: [record('circle')] };
  },
};

/** More than a hub takes in, for as long as it is asked. */
const floods: typeof pages = {
  async *'pull floods'() {
    for (let page = 0; ; page += 1) {
      const records = Array.from({ length: 10_000 }, (_, place) => record(`${page}-${place}`));
      yield { records, checkpoint: page };
    }
  },
};

export const httpWays = Object.keys(answers);
export const pullWays = Object.keys(pages);

// oxlint-disable-next-line import/no-default-export -- as a plugin's module has it
export default defineSource({
  name: 'misbehaves',
  title: 'Misbehaves',
  settings: { type: 'object', properties: { how: { type: 'string' } }, required: ['how'] },
  http: {
    paths: ['/'],
    handle: ({ settings: { how } }) => (answers[how] ?? noAnswer)(),
  },
  pull: ({ settings: { how } }) => (pages[how] ?? floods[how] ?? nothing)(),
});

const noAnswer = (): SourceAnswer => ({ answer: { status: 404 } });

async function* nothing(): AsyncIterable<SourcePage> {}
