// Says in plain words what the hub does, for somebody who watches the terminal.
import type { HubConfig } from '../config/hub-config.ts';
import type { BatchReport } from '../resolve/report.ts';
import { countMembers } from '../audience/count-members.ts';
import { seldom } from '../observe/seldom.ts';
import { countProfiles } from '../profile/count-profiles.ts';
import { readerOf } from '../store/reader.ts';
import { statement, type Store } from '../store/store.ts';

export interface Narrator {
  start(): void;
  stop(): void;
}

/** Adds up batches until somebody takes the sum. */
export interface Reports {
  add(this: void, report: BatchReport): void;
  take(): Readonly<Sum>;
}

type NarratedConfig = Pick<HubConfig, 'audiences' | 'destinations'>;

export interface NarratorOptions {
  readonly reports: Reports;
  /** Asked each time: it may change. */
  config(): NarratedConfig;
  readonly store: Store;
  tell(line: string): void;
  /** Default 5,000. */
  readonly everyMs?: number;
}

const countPresent = statement(
  'cli.count_present',
  `SELECT instance, list, count(*) FILTER (WHERE presence = 'confirmed') AS present,
     count(*) FILTER (WHERE status IN ('due', 'sending', 'polling')) AS moving,
     count(*) FILTER (WHERE status = 'held' AND presence <> 'confirmed') AS refused
   FROM ledger GROUP BY instance, list`,
);
const countActions = statement(
  'cli.count_actions',
  `SELECT instance, name, count(*) FILTER (WHERE status = 'delivered') AS sent,
     count(*) FILTER (WHERE status = 'filtered') AS withheld
   FROM action GROUP BY instance, name ORDER BY instance, name`,
);

interface Sum {
  events: number;
  merges: number;
  splits: number;
  consents: number;
  quarantined: number;
}

const nothing = (): Sum => ({ events: 0, merges: 0, splits: 0, consents: 0, quarantined: 0 });

export function createReports(): Reports {
  let sum = nothing();
  return {
    add(report) {
      sum.events += report.events;
      sum.merges += report.merges;
      sum.splits += report.splits;
      sum.consents += report.consents;
      sum.quarantined += report.quarantined;
    },
    take() {
      const taken = sum;
      sum = nothing();
      return taken;
    },
  };
}

export function createNarrator(options: NarratorOptions): Narrator {
  let timer: NodeJS.Timeout | undefined;
  let before = '';

  const look = seldom(
    async () => ({
      people: await countProfiles(readerOf(options.store)),
      audiences: await describeAudiences(options),
    }),
    () => performance.now(),
  );

  async function tell(): Promise<void> {
    const told = options.reports.take();
    const { people, audiences } = await look();
    const total = `${plural(people, 'person', 'people')} in all`;
    if (told.events > 0) options.tell([...describeSum(told), total].join(' · '));
    const text = audiences.join('\n');
    if (text !== before) for (const line of audiences) options.tell(`    ${line}`);
    before = text;
  }

  return {
    start() {
      timer = setInterval(() => {
        // The store may be away for a moment; the next line tells what this one missed.
        tell().catch(() => undefined);
      }, options.everyMs ?? 5_000);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}

function describeSum({ events, merges, splits, consents, quarantined }: Sum): string[] {
  const parts = [`+ ${plural(events, 'event', 'events')}`];
  if (merges > 0) parts.push(`${plural(merges, 'merge', 'merges')} of people`);
  if (splits > 0) parts.push(plural(splits, 'split', 'splits'));
  if (consents > 0) parts.push(plural(consents, 'word on consent', 'words on consent'));
  if (quarantined > 0) parts.push(`${quarantined} kept aside`);
  return parts;
}

async function describeAudiences(options: NarratorOptions): Promise<string[]> {
  const { store } = options;
  const config = options.config();
  const sizes = new Map<string, number>();
  for (const { name } of config.audiences) {
    sizes.set(name, await countMembers(readerOf(store), name));
  }
  const lists = await store.query<ListRow>('background', countPresent);
  const actions = await store.query<ActionRow>('background', countActions);
  const lines = config.audiences.map(({ name }) => {
    const size = sizes.get(name) ?? 0;
    const pushed = pushesOf(name, config, lists, size);
    return [`${name}: ${plural(size, 'member', 'members')}`, ...pushed].join(' → ');
  });
  return [...lines, ...actions.map(describeAction)];
}

interface ListRow {
  instance: string;
  list: string;
  present: number;
  moving: number;
  /** By the vendor, to be mended and replayed. */
  refused: number;
}

/** Who is a member and not at the destination, not on the way and not refused there, was withheld. */
function pushesOf(
  audience: string,
  { destinations }: NarratedConfig,
  lists: readonly ListRow[],
  size: number,
): string[] {
  return [...destinations.values()].flatMap((destination) =>
    destination.audiences
      .filter((sync) => sync.audience === audience)
      .map(({ list }) => {
        const row = lists.find((one) => one.instance === destination.id && one.list === list);
        const present = row?.present ?? 0;
        const refused = row?.refused ?? 0;
        const withheld = Math.max(0, size - present - (row?.moving ?? 0) - refused);
        const without = withheld > 0 ? `, ${withheld} withheld for lack of consent` : '';
        const dead = refused > 0 ? `, ${refused} refused (tributary deadletters list)` : '';
        return `${destination.id} has ${present}${without}${dead}`;
      }),
  );
}

interface ActionRow {
  instance: string;
  name: string;
  sent: number;
  withheld: number;
}

function describeAction({ instance, name, sent, withheld }: ActionRow): string {
  return `${instance} ${name}: ${sent} sent, ${withheld} withheld for lack of consent`;
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
