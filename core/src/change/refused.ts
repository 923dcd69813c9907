// A change that a running hub does not take up: it runs on as it was.
import type { InstanceProblem } from '../plugins/runtime.ts';

export type RefusalCode =
  'CHANGE_NEEDS_RESTART' | 'CHANGE_NOT_OPENED' | 'CHANGE_REFUSED' | 'PLAN_DRIFTED' | 'PLAN_EDITED';

const marker: unique symbol = Symbol.for('tributary.change-refused');

export class ChangeRefused extends Error {
  override readonly name = 'ChangeRefused';
  readonly code: RefusalCode;
  /** One sentence each. */
  readonly reasons: readonly string[];
  readonly [marker] = true;

  constructor(code: RefusalCode, reasons: readonly string[]) {
    super(`${code}: config: ${reasons.join(' ')} The hub runs on by the config that it has.`);
    this.code = code;
    this.reasons = reasons;
  }
}

export function isChangeRefused(error: unknown): error is ChangeRefused {
  return typeof error === 'object' && error !== null && marker in error;
}

export function needsRestart(keys: readonly string[]): ChangeRefused {
  const reasons = keys.map(
    (key) => `Found another ${key}, expected the one that the hub was started with; restart it.`,
  );
  return new ChangeRefused('CHANGE_NEEDS_RESTART', reasons);
}

export function notOpened(problems: readonly InstanceProblem[]): ChangeRefused {
  const reasons = problems.map(
    ({ code, instance, message, hint }) => `${code}: ${instance}: ${message}. ${hint}`,
  );
  return new ChangeRefused('CHANGE_NOT_OPENED', reasons);
}

export const otherConfig = 'The hub goes by another config than when the plan was made.';

export function drifted(reasons: readonly string[]): ChangeRefused {
  return new ChangeRefused('PLAN_DRIFTED', [...reasons, 'Make a new plan and look at it.']);
}

export function edited(): ChangeRefused {
  const reason = 'Found a plan that does not match its id, expected it as it was made; plan again.';
  return new ChangeRefused('PLAN_EDITED', [reason]);
}
