// A source whose vendor refused its credentials is paused. Where its plugin can tell whether they are good
// again, it is asked now and then, so that whoever mends them at the vendor need not resume it as well.
import type { SourceInstance } from './source-instance.ts';
import type { RunSourceOptions } from './run-source.ts';

const checkEveryMs = 5 * 60_000;
const checkBoundMs = 30_000;

/** True once they are good; false where nobody can tell, or the source is to end. */
export async function awaitCredentials(
  instance: SourceInstance,
  options: Pick<RunSourceOptions, 'clock' | 'signal'>,
): Promise<boolean> {
  if (instance.definition.check === undefined) return false;
  const { clock } = options;
  const signal = AbortSignal.any([options.signal, instance.context.signal]);
  while (!signal.aborted) {
    await clock.sleep(checkEveryMs, signal).catch(() => undefined);
    if (!signal.aborted && (await areGood(instance, clock, signal))) return true;
  }
  return false;
}

async function areGood(
  { definition, context, connection }: SourceInstance,
  clock: RunSourceOptions['clock'],
  ended: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const signal = AbortSignal.any([ended, over.signal]);
  const late = clock.sleep(checkBoundMs, signal).then(
    () => false,
    () => false,
  );
  const check = async (): Promise<boolean> => {
    await definition.check?.({ ...context, connection, signal });
    return true;
  };
  try {
    return await Promise.race([check().catch(() => false), late]);
  } finally {
    over.abort();
  }
}
