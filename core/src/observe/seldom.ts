// A reading that takes long is not taken for everybody who asks: it may use up a twentieth of the time.

/** How many times as long as it took a reading stands. */
const restTimes = 20;
/** Who asks waits for one that is as quick as this; for others she gets the last there is. */
const quickMs = 100;

/** @param clock milliseconds that never go back. */
export function seldom<Value>(
  read: () => Promise<Value>,
  clock: () => number,
): () => Promise<Value> {
  let latest: { readonly value: Value; readonly at: number; readonly tookMs: number } | undefined;
  let running: Promise<Value> | undefined;
  let hasFailed = false;

  async function take(): Promise<Value> {
    const started = clock();
    try {
      const value = await read();
      latest = { value, at: clock(), tookMs: clock() - started };
      hasFailed = false;
      return value;
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      running = undefined;
    }
  }

  return async () => {
    if (latest && clock() - latest.at < restTimes * latest.tookMs) return latest.value;
    running ??= take();
    if (latest === undefined || hasFailed || latest.tookMs <= quickMs) return running;
    running.catch(() => undefined); // whoever asks next hears of it
    return latest.value;
  };
}
