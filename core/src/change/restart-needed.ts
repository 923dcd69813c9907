// What cannot change while the hub runs, by the key that config knows it by. The socket stays open and
// the store stays bound to its key, and the watchdog to its patience, for as long as the process lives.
import { isDeepStrictEqual } from 'node:util';
import type { HubConfig } from '../config/hub-config.ts';

const bound: Readonly<Record<string, (config: HubConfig) => unknown>> = {
  'hub.store': ({ store }) => store,
  'hub.key': ({ deploymentKey }) => deploymentKey,
  'hub.http.host': ({ http }) => http.host,
  'hub.http.port': ({ http }) => http.port,
  'hub.audit': ({ audit }) => audit,
  'hub.plugins.hangAfter': ({ pluginHangAfterMs }) => pluginHangAfterMs,
};

/** Keys of config that differ and that a running hub goes by until it ends. */
export function restartNeeded(before: HubConfig, next: HubConfig): string[] {
  return Object.entries(bound)
    .filter(([, read]) => !isDeepStrictEqual(read(before), read(next)))
    .map(([key]) => key);
}
