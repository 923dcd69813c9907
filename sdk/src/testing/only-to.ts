// A plugin in a test talks to its vendor on the loopback and to nobody else: an address that settings
// cannot change would reach the real vendor from every test, and no sandbox could stand in.
import type { PluginFetch } from '../context.ts';
import { PluginError } from '../plugin-error.ts';
import { requireThat } from './violation.ts';

/** @param strangers is told each other host that was asked for; none of them is reached. */
export function onlyTo(
  vendorUrl: string,
  strangers: string[],
): (fetch: PluginFetch) => PluginFetch {
  const own = URL.parse(vendorUrl)?.host;
  return (fetch) => async (target, init) => {
    const host = URL.parse(String(target))?.host ?? String(target);
    if (host === own) return fetch(target, init);
    strangers.push(host);
    throw new PluginError('transient', `${host} is not the vendor of this test`);
  };
}

export function requireNoStrangers(strangers: readonly string[]): void {
  requireThat(
    strangers.length === 0,
    `it asked ${strangers.join(', ')}, not the address of its settings: let a setting such as \`baseUrl\` lead everywhere`,
  );
}
