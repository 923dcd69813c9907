// Is the process alive, can it work, and does all of it? What is not as it should be is named with a reason of
// few words: these paths ask for no key, so no reason names a person, an address or a secret.
import type { RequestHandler } from 'express';

/** `true`: fine. A text: why not. `false`: not, and there is no more to say. */
export type Finding = boolean | string;

export interface ReadinessCheck {
  /** E.g. `store`, `disk`, `plugins`. */
  readonly name: string;
  /**
   * What a failure means: `stopped`, nothing should be sent here (the default), or `degraded`: a part of it
   * does not work, and sending elsewhere would lose more than it saves.
   */
  readonly severity?: 'stopped' | 'degraded';
  /** Rejects where it cannot tell. */
  check(): Promise<Finding> | Finding;
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
    const named = (severity: 'stopped' | 'degraded'): string[] =>
      failing.filter((failure) => failure.severity === severity).map(({ name }) => name);
    const notReady = [...(isStopping() ? ['stopping'] : []), ...named('stopped')];
    const degraded = named('degraded');
    const told = failing.flatMap(({ name, reason }) => (reason === '' ? [] : [{ name, reason }]));
    response.set('cache-control', 'no-store').status(notReady.length === 0 ? 200 : 503);
    response.json({
      status: notReady.length === 0 ? 'ready' : 'not_ready',
      ...(notReady.length === 0 ? {} : { notReady }),
      ...(degraded.length === 0 ? {} : { degraded }),
      ...(told.length === 0 ? {} : { reasons: reasonsOf(told) }),
    });
  };
}

function reasonsOf(
  told: readonly Pick<Failure, 'name' | 'reason'>[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(told.map(({ name, reason }): [string, string] => [name, reason]));
}

interface Failure {
  readonly name: string;
  readonly severity: 'stopped' | 'degraded';
  readonly reason: string;
}

async function findFailing(checks: readonly ReadinessCheck[]): Promise<Failure[]> {
  const found = await Promise.all(checks.map(ask));
  return checks.flatMap(({ name, severity = 'stopped' }, place) => {
    const finding = found[place] ?? false;
    if (finding === true) return [];
    return [{ name, severity, reason: finding === false ? '' : finding }];
  });
}

async function ask(readiness: ReadinessCheck): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${checkMs / 1_000} s`), checkMs);
  });
  try {
    return await Promise.race([readiness.check(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
