// The suite is a list of named checks that needs no test framework: a framework registers them, a
// command line runs them.

/**
 * One thing that a plugin must do, and how to find out. Checks are independent, and each can be run alone.
 */
export interface ContractCheck {
  /** What a plugin that passes does, e.g. `makes no request for an empty batch`. */
  readonly name: string;
  /** Why it is not run: it does not apply to this plugin. */
  readonly skip?: string;
  /** Rejects with a `ContractViolation` that says what was found. */
  run(): Promise<void>;
}

/** How a check ended: passed where it has neither `error` nor `skipped`. */
export interface CheckResult {
  readonly name: string;
  readonly error?: unknown;
  /** Why it was not run. */
  readonly skipped?: string;
}

/** A check that does not apply, and why: a report says so. */
export function skipCheck(name: string, skip: string): ContractCheck {
  return { name, skip, run: async () => undefined };
}

/** Registers every check that applies with a framework's `test` or `it`. */
export function registerChecks(
  test: (name: string, run: () => Promise<void>) => unknown,
  checks: readonly ContractCheck[],
): void {
  for (const check of checks) {
    if (check.skip === undefined) test(check.name, async () => check.run());
  }
}

/**
 * Runs every check, one after the other, and says how each ended.
 * @param tell is told each result as it comes
 */
export async function runChecks(
  checks: readonly ContractCheck[],
  tell: (result: CheckResult) => void = () => undefined,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = await runCheck(check);
    results.push(result);
    tell(result);
  }
  return results;
}

async function runCheck({ name, skip, run }: ContractCheck): Promise<CheckResult> {
  if (skip !== undefined) return { name, skipped: skip };
  try {
    await run();
    return { name };
  } catch (error) {
    return { name, error };
  }
}
