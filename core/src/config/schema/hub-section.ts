// `hub`: the process itself.
import { duration, section, size, text, whole, type Schema } from './parts.ts';

const store: Schema = {
  type: ['string', 'object'],
  description:
    'Where everything is kept: a folder (an embedded database, for one process), or `{ url, schema }` of a PostgreSQL server, version 15 or newer. A folder is taken from the folder of this file.',
  default: './data',
  minLength: 1,
  properties: {
    folder: text('Folder of the embedded database.'),
    url: text('Connection string, `postgres://…`; by reference where it holds a password.', {
      writeOnly: true,
    }),
    schema: {
      type: 'string',
      description: 'Schema that the hub owns on the server.',
      default: 'tributary',
      pattern: '^[a-z_][a-z0-9_]{0,62}$',
    },
  },
  additionalProperties: false,
};

const http = section(
  'What the hub listens on.',
  {
    host: text('Address to listen on; `0.0.0.0` for all.', { default: '127.0.0.1' }),
    port: whole('Port to listen on; 0 takes a free one.', 0, 65_535, { default: 8080 }),
    trustProxy: whole('Number of proxies in front whose `X-Forwarded-For` is believed.', 0, 16, {
      default: 0,
    }),
  },
  { default: {} },
);

const intake = section(
  'Bounds on what sources may hand in. What is above them is quarantined or asked to wait.',
  {
    maxRecordSize: size('Of one record as JSON.', '32 KiB'),
    maxDepth: whole('Of nested JSON in a record.', 1, 256, { default: 32 }),
    maxIdentifiers: whole('Identifiers in one record.', 1, 1_000, { default: 20 }),
    maxTraits: whole('Traits in one record.', 1, 10_000, { default: 500 }),
    maxWaiting: whole(
      'Records that wait for a commit before sources are told to come back later.',
      1,
      10_000_000,
      { default: 20_000 },
    ),
    groupRecords: whole('Records that are committed together.', 1, 10_000, { default: 1_000 }),
    maxClockCorrection: duration('How far a client’s clock may be corrected.', '365d'),
  },
  { default: {} },
);

const audit = section(
  'The audit log’s signed heads, which prove later that nothing was rewritten.',
  {
    heads: text('Folder outside the store that heads are written to; left out: none are written.'),
    every: duration('How often a head is written.', '1h'),
  },
  { default: {} },
);

const plugins = section(
  'Bounds on plugins.',
  {
    hangAfter: duration(
      'A plugin whose code holds the hub’s thread for so long is written down and left out at the next start; this process is ended.',
      '20s',
    ),
  },
  { default: {} },
);

const privacy = section(
  'Requests of people about their data.',
  {
    deadline: duration('A request that is not done after this is overdue.', '30d'),
    journal: text(
      'Folder outside the store for the journal of erasures, by which they are carried out again after an older backup was restored. Left out with an embedded store: beside it; with a server: none is written.',
    ),
    retention: section(
      'How long data is kept that no source and no purpose speaks for. At least 1d each; left out: for good. It ages by whole days in UTC.',
      {
        people: duration(
          'People of whom nothing was heard for so long are forgotten, here and at destinations. What an identifier of theirs said no to stays said.',
        ),
        peopleWithoutPurpose: duration(
          'The same for people who have granted no purpose; at most `people`.',
        ),
        quarantine: duration('Records that could not be taken.'),
        deadLetters: duration('What destinations refused; open ones lose the vendor’s words.'),
      },
      { default: {} },
    ),
  },
  { default: {} },
);

export const hubSection: Schema = section(
  'The hub itself.',
  {
    name: {
      type: 'string',
      pattern: '^[a-z][a-z0-9_-]{0,62}$',
      description: 'Name of this hub in logs and metrics.',
      default: 'tributary',
    },
    store,
    key: text(
      'The deployment key, 32 bytes in base64: identifiers are looked up through it, so a store is under one key, which `tributary rekey` replaces. Left out with an embedded store: made at the first start and kept beside it.',
      { writeOnly: true },
    ),
    earlierKey: text(
      'The deployment key that the store is under still, for `tributary rekey` alone: it brings the store under `key`. Take it out again afterwards.',
      { writeOnly: true },
    ),
    http,
    intake,
    plugins,
    audit,
    privacy,
    backups: text(
      'Folder that backups of the running hub are written to, from the folder of this file; left out: only `tributary backup` takes any.',
    ),
  },
  { default: {} },
);
