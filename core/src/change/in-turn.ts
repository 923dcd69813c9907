// How a hub ends, whether it was told to or could not begin: every part is ended, whatever became of
// the parts before it. A part that is left running would keep the process alive behind an exit code.

/**
 * The one end of something: runs all steps, one after the other, and rejects with the first failure once
 * all are over. Every call after the first gets what the first one got.
 */
export function endInTurn(steps: readonly (() => unknown)[]): () => Promise<void> {
  let ended: Promise<void> | undefined;
  return () => (ended ??= allInTurn(steps));
}

async function allInTurn(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** What has begun is ended where the beginning fails; it fails all the same, for its own reason. */
export async function orEnd<Result>(
  end: () => Promise<void>,
  begin: () => Promise<Result>,
): Promise<Result> {
  try {
    return await begin();
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
}

/** The same, also as soon as the signal aborts: then it fails with the signal's reason. */
export function unlessAborted<Result>(
  signal: AbortSignal | undefined,
  end: () => Promise<void>,
  begin: () => Promise<Result>,
): Promise<Result> {
  return orEnd(end, async () => {
    signal?.throwIfAborted();
    const onAbort = (): void => void end().catch(() => undefined);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await begin();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      signal?.throwIfAborted(); // whatever became of it, it was ended
    }
  });
}
