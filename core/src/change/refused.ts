// A change that a running hub does not take up: it runs on as it was.
import type { InstanceProblem } from '../plugins/runtime.ts';

export const refusalCodes = [
  'CHANGE_NEEDS_RESTART',
  'CHANGE_NOT_OPENED',
  'CHANGE_REFUSED',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export class ChangeRefused extends Error {
  override readonly name = 'ChangeRefused';
  readonly code: RefusalCode;
  /** One sentence each. */
  readonly reasons: readonly string[];

  constructor(code: RefusalCode, reasons: readonly string[]) {
    super(`${code}: config: ${reasons.join(' ')} The hub runs on by the config that it has.`);
    this.code = code;
    this.reasons = reasons;
  }
}

export function needsRestart(keys: readonly string[]): ChangeRefused {
  const reasons = keys.map(
    (key) => `found another ${key}, expected the one that the hub was started with; restart it.`,
  );
  return new ChangeRefused('CHANGE_NEEDS_RESTART', reasons);
}

export function notOpened(problems: readonly InstanceProblem[]): ChangeRefused {
  const reasons = problems.map(
    ({ code, instance, message, hint }) => `${code}: ${instance}: ${message}. ${hint}`,
  );
  return new ChangeRefused('CHANGE_NOT_OPENED', reasons);
}
