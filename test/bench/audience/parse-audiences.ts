// Audiences of the benchmark as the hub reads them from config.
import { parseRule } from '../../../core/src/audience/parse-rule.ts';
import type { AudienceSettings } from '../../../core/src/audience/rule.ts';
import { parseMeasure } from '../../../core/src/profile/parse-measure.ts';
import type { ComputedTrait } from '../../../core/src/profile/settings.ts';
import { computedTraits } from './audiences.ts';
import { happenings } from './shop.ts';

export const benchComputed: ReadonlyMap<string, ComputedTrait> = new Map(
  Object.entries(computedTraits).map(([name, value]) => {
    const parsed = parseMeasure(value, [name]);
    if ('problems' in parsed) throw new Error(parsed.problems.map(({ message }) => message).join());
    return [name, { name, measure: parsed.measure }];
  }),
);

interface Written {
  readonly name: string;
  readonly rule: object;
}

/** In the order given, which must be that of their dependencies. */
export function parseAudiences(written: readonly Written[]): AudienceSettings[] {
  const measures = new Map([...benchComputed].map(([name, { measure }]) => [name, measure]));
  const audiences = written.map(({ name }) => name);
  return written.map(({ name, rule }) => {
    const parsed = parseRule(rule, { audiences, computed: measures, path: [name] });
    if ('problems' in parsed) throw new Error(parsed.problems.map(({ message }) => message).join());
    return { name, title: '', rule: parsed.rule };
  });
}

const windows = ['1d', '7d', '14d', '30d', '90d'];
const countries = ['DE', 'AT', 'CH', 'FR', 'US'];

/** As a shop that has had its marketers for years would have: trait, event, and not another event. */
export function manyAudiences(count: number): AudienceSettings[] {
  const tracked = happenings.filter(({ type }) => type === 'track').map(({ name }) => name);
  const event = (place: number): string => tracked[place % tracked.length] ?? '';
  return parseAudiences(
    Array.from({ length: count }, (_, place) => ({
      name: `audience-${place}`,
      rule: {
        all: [
          { trait: 'country', in: [countries[place % 5], countries[(place + 2) % 5]] },
          {
            event: event(place),
            within: windows[place % windows.length],
            ...(place % 4 === 0
              ? { sum: { of: 'price', atLeast: 10 * (1 + (place % 7)) } }
              : { count: { atLeast: 1 + (place % 3) } }),
          },
          { not: { event: event(place * 3 + 1), within: windows[(place + 2) % windows.length] } },
        ],
      },
    })),
  );
}
