// Waits for a plugin's promise, but not for ever. What a plugin does after its time is over is no
// longer listened to.

export const timedOut: unique symbol = Symbol('timed out');

/** Resolves to `timedOut` when the time is over first; a later failure of `work` goes unheard. */
export async function within<T>(
  work: Promise<T>,
  milliseconds: number,
): Promise<T | typeof timedOut> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<typeof timedOut>((resolve) => {
    timer = setTimeout(resolve, milliseconds, timedOut);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
