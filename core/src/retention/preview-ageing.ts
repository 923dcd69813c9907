// What another config would let age that the hub keeps now: counted, not touched.
import { readHead } from '../intake/rewrite-log.ts';
import { readerOf } from '../store/reader.ts';
import { isoTime, type Store } from '../store/store.ts';
import * as plans from './plans.ts';
import { horizonOf, retentionRules, type RetentionConfig, type RetentionRule } from './rules.ts';

export interface AgeingEffect {
  /** `source:<id>`, `purpose:<name>`, `people`, … */
  readonly rule: string;
  /** Records, people or entries that would go. */
  readonly removed: number;
}

/** Of rules that are new or keep for less long than before. */
export async function previewAgeing(
  store: Store,
  before: RetentionConfig,
  next: RetentionConfig,
  now: number,
): Promise<AgeingEffect[]> {
  const known = new Map(retentionRules(before).map((rule) => [rule.name, rule]));
  const shorter = retentionRules(next).flatMap((rule): Span[] => {
    const was = known.get(rule.name);
    if (was !== undefined && was.keepMs <= rule.keepMs && was.print === rule.print) return [];
    const isSame = was !== undefined && was.print === rule.print;
    return [
      { rule, since: isSame ? horizonOf(was, now) : -Infinity, before: horizonOf(rule, now) },
    ];
  });
  const effects: AgeingEffect[] = [];
  for (const span of shorter) effects.push(await count(span, store));
  return effects;
}

interface Span {
  readonly rule: RetentionRule;
  readonly since: number;
  readonly before: number;
}

const sliceNumbers = 20_000;

async function count({ rule, since, before }: Span, store: Store): Promise<AgeingEffect> {
  const reader = readerOf(store);
  const { kind, name } = rule;
  const asked = [isoTime(since), isoTime(before), name.slice(name.indexOf(':') + 1)];
  const countOne = async (...slice: readonly number[]): Promise<number> => {
    const rows = await reader.query<{ removed: number }>(plans.countAgeing[kind], [
      ...asked,
      ...slice,
    ]);
    return rows[0]?.removed ?? 0;
  };
  if (kind !== 'source') return { rule: name, removed: await countOne() };
  const head = await readHead(reader);
  let removed = 0;
  for (let after = 0; after < head; after += sliceNumbers) {
    removed += await countOne(after, after + sliceNumbers);
  }
  return { rule: name, removed };
}
