// Runs a property over random worlds. A counterexample is made smaller for as long as the test may take and is
// then told, with the seed that finds it again.
import fc from 'fast-check';

export interface Runs {
  readonly numRuns: number;
  /** Milliseconds that the test may take. */
  readonly timeout: number;
  /** Milliseconds that one world may take: who waits for ever is a counterexample. */
  readonly eachMs?: number;
}

/** `PROPERTY_SEED` looks at the worlds of one seed, as a failure names it. */
export function holds<World>(
  property: fc.IAsyncPropertyWithHooks<World>,
  { numRuns, timeout, eachMs }: Runs,
): Promise<void> {
  const seed = process.env['PROPERTY_SEED'];
  return fc.assert(property, {
    numRuns,
    interruptAfterTimeLimit: 0.9 * timeout,
    ...(eachMs === undefined ? {} : { timeout: eachMs }),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  });
}
