// What is wrong with a config. Each stage of loading reports issues by path; one place turns paths
// into lines, so that every problem of a file, its rules and its plugins is told in one go.
import { pluginProblemCodes } from '../plugins/plugin-problem.ts';

/** Codes are part of the command line's contract: scripts may act on them. */
export const configProblemCodes = [
  'CONFIG_UNREADABLE',
  'CONFIG_TOO_LARGE',
  'CONFIG_SYNTAX',
  'CONFIG_DUPLICATE_KEY',
  'CONFIG_ALIAS_REFUSED',
  'CONFIG_TAG_REFUSED',
  'CONFIG_REFERENCE_INVALID',
  'CONFIG_REFERENCE_MISSING',
  'CONFIG_KEY_UNKNOWN',
  'CONFIG_KEY_MISSING',
  'CONFIG_VALUE_INVALID',
  'CONFIG_NAME_UNKNOWN',
  'CONFIG_DUPLICATE',
  'CONFIG_CYCLE',
  'CONFIG_RULE_INVALID',
  'CONFIG_FEATURE_MISSING',
  'CONFIG_SECRET_IN_CLEAR',
  'CONFIG_SETTINGS_OLD',
  ...pluginProblemCodes,
] as const;
export type ConfigProblemCode = (typeof configProblemCodes)[number];

/** Keys and list places from the top of the document. */
export type Path = readonly (string | number)[];

export interface Issue {
  readonly code: ConfigProblemCode;
  readonly path: Path;
  /** Which end of `key: value` is meant; default `value`. */
  readonly at?: 'key' | 'value';
  /** Where in the text at `path`, from 0. */
  readonly offset?: number | undefined;
  /** What was found, what was expected. Never a value that may be secret. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string | undefined;
  /** Default `error`. */
  readonly severity?: 'error' | 'warning';
}

export interface ConfigProblem {
  readonly code: ConfigProblemCode;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** `destinations.mail.purposes[0]`; empty for the document. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
  /** The line as it stands, what may be secret masked, and where on it the problem is. */
  readonly excerpt?: { readonly text: string; readonly from: number; readonly length: number };
}

const marker: unique symbol = Symbol.for('tributary.config-error');

/** Carries all problems of a config; its message holds them in full, without any secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_INVALID';
  readonly problems: readonly ConfigProblem[];
  readonly [marker] = true;

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    const lines = problems.map(problemLine);
    super(`CONFIG_INVALID: ${file}: found ${count}, expected none.\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

export function isConfigError(error: unknown): error is ConfigError {
  return typeof error === 'object' && error !== null && marker in error;
}

/** `<CODE>: <where>: <found, expected>. <what to do.>` */
export function problemLine(problem: ConfigProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const path = problem.path === '' ? '' : ` ${problem.path}:`;
  const hint = problem.hint === undefined ? '' : ` ${problem.hint}`;
  return `${problem.code}: ${place}:${path} ${problem.message}.${hint}`;
}

/** `['a', 0, 'b c']` → `a[0]."b c"`. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const name = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

/** A path as a map's key: no two paths share one. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** True when `path` is `parent` or lies below it. */
export function isWithin(path: Path, parent: Path): boolean {
  return parent.every((part, index) => path[index] === part);
}
