// The full computation of the twenty audiences, and the same twenty questions in plain SQL.
import { createAudienceEngine } from '../../../core/src/audience/engine.ts';
import { dynamicStatement, isoTime } from '../../../core/src/store/store.ts';
import type { Store } from '../../../core/src/store/store.ts';
import { takeChange } from '../../../core/src/resolve/change.ts';
import type { Progress } from '../progress.ts';
import { benchAudiences } from './audiences.ts';
import { benchComputed, parseAudiences } from './parse-audiences.ts';
import { now, type ShopSize } from './shop.ts';

export interface Computed {
  readonly seconds: number;
  readonly slices: number;
  /** Milliseconds: for so long a batch of events may have to wait. */
  readonly longestSlice: number;
  readonly sizes: ReadonlyMap<string, number>;
}

export async function computeAll(
  store: Store,
  size: ShopSize,
  progress: Progress,
): Promise<Computed> {
  const engine = createAudienceEngine({
    config: {
      audiences: parseAudiences(benchAudiences),
      profile: { traits: new Map(), computed: benchComputed, primary: new Map() },
    },
    takeChange,
    clock: () => performance.now(),
  });
  await engine.install(store, { everything: true });
  const started = performance.now();
  let [slices, longestSlice] = [0, 0];
  for (;;) {
    const before = performance.now();
    if (await engine.compute(store, now)) break;
    slices += 1;
    longestSlice = Math.max(longestSlice, performance.now() - before);
    if (slices % 20 === 0) progress('full computation', await reached(store, size), size.profiles);
  }
  const seconds = (performance.now() - started) / 1_000;
  progress('full computation', size.profiles, size.profiles);
  const rows = await store.query<{ audience: string; count: number }>('background', countMembers);
  return {
    seconds,
    slices,
    longestSlice,
    sizes: new Map(rows.map(({ audience, count }) => [audience, count])),
  };
}

const countMembers = dynamicStatement(
  'bench.members',
  'SELECT audience, count(*) AS count FROM membership GROUP BY audience',
);
const whereItIs = dynamicStatement(
  'bench.reached',
  'SELECT min(computing_after::text) AS after FROM audience',
);

/** Profile ids are spread evenly, so the first digits say how far it has come. */
async function reached(store: Store, { profiles }: ShopSize): Promise<number> {
  const [row] = await store.query<{ after: string | null }>('background', whereItIs);
  const digits = row?.after?.slice(0, 6);
  const share = digits === undefined ? 1 : Number.parseInt(digits, 16) / 0x1000000;
  return Math.min(profiles - 1, Math.floor(share * profiles));
}

export interface Plain {
  readonly seconds: number;
  readonly sizes: ReadonlyMap<string, number>;
}

/** One statement per audience, as an analyst would count it. */
export async function countPlainly(store: Store, progress: Progress): Promise<Plain> {
  const sizes = new Map<string, number>();
  const started = performance.now();
  for (const [place, { name, sql }] of benchAudiences.entries()) {
    // $1 must be named even where the rule does not look at the time.
    const text = `SELECT count(*) AS count FROM (${sql}) member WHERE $1::timestamptz IS NOT NULL`;
    const statement = dynamicStatement(`bench.plain_${name}`, text);
    const [row] = await store.query<{ count: number }>('background', statement, [isoTime(now)]);
    sizes.set(name, row?.count ?? 0);
    progress('plain SQL', place + 1, benchAudiences.length);
  }
  return { seconds: (performance.now() - started) / 1_000, sizes };
}
