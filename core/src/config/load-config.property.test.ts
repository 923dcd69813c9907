// Whatever a file holds, loading it ends in a config or in problems with a place: never in another
// error, and never in a secret that is printed.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadText } from './fixtures/load-text.ts';
import { printProblems } from './print-problems.ts';
import { isConfigError, type ConfigProblem } from './problem.ts';

const secret = 'SG.never-to-be-printed-7041';

const good = [
  'tributary: 1',
  'hub:',
  '  name: demo',
  '  http: { port: 8080 }',
  'purposes: { ads: Ads }',
  'audiences:',
  '  buyers:',
  '    rule: { all: [{ event: Bought, within: 30m }, { not: { has: phone } }] }',
  'sources:',
  '  web:',
  '    plugin: shop',
  `    settings: { token: ${secret}, region: eu, nested: { keys: [${secret}] } }`,
  'destinations:',
  '  mail:',
  '    plugin: mail',
  '    purposes: [ads]',
  '    settings:',
  `      apiKey: "${secret}"`,
  '    audiences: [{ audience: buyers, list: Buyers }]',
];

/** Everything that is said of the text; nothing where it is accepted without a word. */
async function said(text: string): Promise<readonly ConfigProblem[]> {
  try {
    return (await loadText(text, { KEY: secret })).warnings;
  } catch (error) {
    if (isConfigError(error)) return error.problems;
    throw error;
  }
}

function expectPlaces(text: string, problems: readonly ConfigProblem[]): void {
  const lines = text.split('\n');
  for (const { line, column, excerpt } of problems) {
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThan(0);
    expect((excerpt?.from ?? 0) + (excerpt?.length ?? 0)).toBeLessThanOrEqual(
      (excerpt?.text.length ?? 0) + 1,
    );
  }
}

test('any text is accepted or has problems', async () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...good, '${KEY}', '- &a', '? *a', '<<: x'));
  const holds = fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
      const text = lines.join('\n');
      expectPlaces(text, await said(text));
    }),
    { numRuns: 150 },
  );
  await expect(holds).resolves.toBeUndefined();
});

/** One slip of the finger outside of the secret itself. */
const slip = fc.record({
  line: fc.nat(good.length - 1),
  place: fc.nat(80),
  kind: fc.constantFrom('drop', 'double', 'colon', 'quote', 'brace', 'indent', 'rename'),
});

function applySlip(
  lines: string[],
  { line, place, kind }: typeof slip extends fc.Arbitrary<infer S> ? S : never,
): void {
  const text = lines[line] ?? '';
  const start = text.indexOf(secret);
  const at = Math.min(place, start === -1 ? text.length : start);
  const before = text.slice(0, at);
  const after = text.slice(at);
  const changed: Readonly<Record<typeof kind, string>> = {
    drop: before + (after.startsWith(secret) ? after : after.slice(1)),
    double: before + before.slice(-1) + after,
    colon: `${before}: ${after}`,
    quote: `${before}"${after}`,
    brace: `${before}}${after}`,
    indent: ` ${text}`,
    rename: text.replace(/(\w+):/, '$1x:'),
  };
  lines[line] = changed[kind];
}

test('a slip anywhere never prints a secret', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(slip, { minLength: 1, maxLength: 3 }), async (slips) => {
      const lines = [...good];
      for (const one of slips) applySlip(lines, one);
      const text = lines.join('\n');
      const problems = await said(text);
      expectPlaces(text, problems);
      expect(printProblems(problems)).not.toContain('never-to-be-printed');
      expect(JSON.stringify(problems)).not.toContain('never-to-be-printed');
    }),
    { numRuns: 250 },
  );
});
