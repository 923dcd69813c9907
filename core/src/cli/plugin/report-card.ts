// The report card of a plugin: every check with how it ended; what failed with what was found, why it
// matters and where to look.
import { explainCheck, type CheckResult, type ContractCheck } from '@tributary/sdk/testing';
import type { PluginPackage } from './package-on-disk.ts';

export interface Mark {
  readonly check: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  readonly because?: string;
  /** What was found where it failed. */
  readonly found?: string;
  readonly why?: string;
  readonly look?: string;
}

export interface ReportCard {
  readonly package: string;
  readonly version: string;
  readonly kind: string;
  readonly plugin: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly checks: readonly Mark[];
}

export function markOf(check: ContractCheck, result: CheckResult): Mark {
  const { name: title, skipped } = result;
  if (skipped !== undefined) return { check: title, result: 'skipped', because: skipped };
  if (result.error === undefined) return { check: title, result: 'passed' };
  const explained = hasWords(check) ? check : explainCheck(title);
  return { check: title, result: 'failed', found: textOf(result.error), ...wordsOf(explained) };
}

interface Words {
  readonly why: string;
  readonly look: string;
}

function hasWords(check: ContractCheck): check is ContractCheck & Words {
  return 'why' in check && 'look' in check;
}

function wordsOf(words: Words | undefined): Partial<Words> {
  return words === undefined ? {} : { why: words.why, look: words.look };
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.length > 2_000 ? `${text.slice(0, 1_999)}…` : text;
}

export function reportCard(
  { manifest, plugin }: PluginPackage,
  checks: readonly Mark[],
): ReportCard {
  const count = (result: Mark['result']): number =>
    checks.filter((mark) => mark.result === result).length;
  return {
    package: String(manifest['name']),
    version: String(manifest['version']),
    kind: plugin.kind,
    plugin: plugin.name,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    checks,
  };
}

const signs = { passed: '✓', failed: '✗', skipped: '–' } as const;

export function lineOf({ check, result, because, found, why, look }: Mark): string {
  const head = `  ${signs[result]} ${check}${because === undefined ? '' : ` (${because})`}`;
  const below = [
    ['found', found],
    ['why', why],
    ['look', look],
  ].flatMap(([word, text]) =>
    text === undefined ? [] : [`      ${(word ?? '').padEnd(6)} ${text}`],
  );
  return [head, ...below].join('\n');
}

export function summaryOf({ passed, failed, skipped }: ReportCard): string {
  const parts = [`${passed} passed`, `${failed} failed`, `${skipped} skipped`];
  return `${parts.join(', ')}.${failed === 0 ? '' : ' Mend what failed and run it again.'}`;
}
