// The suite is a list of named checks that needs no test framework: a framework registers them, a
// command line runs them.

export interface ContractCheck {
  /** What a plugin that passes does, e.g. `makes no request for an empty batch`. */
  readonly name: string;
  /** Rejects with a `ContractViolation` that says what was found. */
  run(): Promise<void>;
}

export interface CheckResult {
  readonly name: string;
  readonly error?: unknown;
}

/** Registers every check with a framework's `test` or `it`. */
export function registerChecks(
  test: (name: string, run: () => Promise<void>) => unknown,
  checks: readonly ContractCheck[],
): void {
  for (const check of checks) test(check.name, async () => check.run());
}

/** Runs every check, one after the other, and says how each ended. */
export async function runChecks(checks: readonly ContractCheck[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, run } of checks) {
    try {
      await run();
      results.push({ name });
    } catch (error) {
      results.push({ name, error });
    }
  }
  return results;
}
