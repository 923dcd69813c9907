// Is the process alive, and can it work? What is not ready is named, and nothing more is said: these
// paths ask for no key.
import type { RequestHandler } from 'express';

export interface ReadinessCheck {
  /** E.g. `store`, `migrations`, `plugins`. */
  readonly name: string;
  /** Rejects, or resolves to false, while it is not ready. */
  check(): Promise<boolean> | boolean;
}

/** A check that hangs counts as failed. */
const checkMs = 2_000;

/** 200 as long as the process answers at all. */
export const healthHandler: RequestHandler = (_, response) => {
  response.set('cache-control', 'no-store').json({ status: 'ok' });
};

export function readinessHandler(
  checks: readonly ReadinessCheck[],
  isStopping: () => boolean,
): RequestHandler {
  return async (_, response) => {
    const failing = await findFailing(checks);
    const notReady = isStopping() ? ['stopping', ...failing] : failing;
    response.set('cache-control', 'no-store').status(notReady.length === 0 ? 200 : 503);
    response.json(notReady.length === 0 ? { status: 'ready' } : { status: 'not_ready', notReady });
  };
}

async function findFailing(checks: readonly ReadinessCheck[]): Promise<string[]> {
  const results = await Promise.all(checks.map(passes));
  return checks.flatMap(({ name }, place) => (results[place] === true ? [] : [name]));
}

async function passes(readiness: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), checkMs);
  });
  try {
    return await Promise.race([readiness.check(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
