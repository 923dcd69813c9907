// What a config would do at one destination, as a plan says it: plain data, the same in API, file and
// terminal.
import type { LoadedConfig } from '../config/load-config.ts';
import type { DestinationPreview } from '../delivery/preview-destination.ts';
import type { InstanceWorld } from '../delivery/world.ts';
import { fieldsLeaving } from './fields-leaving.ts';

export interface DestinationEffect {
  readonly destination: string;
  readonly lists: readonly ListEffect[];
  /** Addresses that the vendor has never been told of. */
  readonly newlyShown: number;
  /** What would leave for it that does not now, and the other way round. */
  readonly fields: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** People who would be on a list, and who of them stays away from the vendor. */
  readonly members: number;
  readonly unreachable: number;
  readonly withheld: number;
  readonly purposes: readonly { readonly purpose: string; readonly lacking: number }[];
  /** At least so many. */
  readonly calls: number;
  /** Under the calls a second that the plugin or config allows; absent: neither says any. */
  readonly seconds?: number;
  /** Only of one that is no more: they stay at the vendor, since nobody takes them out. */
  readonly leftBehind?: number;
}

export interface ListEffect {
  /** Empty: the profiles. */
  readonly list: string;
  readonly audiences: readonly string[];
  readonly present: number;
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  readonly calls: number;
  readonly guard?: { readonly code: string; readonly message: string };
}

export interface DestinationFindings {
  readonly before: LoadedConfig;
  readonly next: LoadedConfig;
  readonly found?: DestinationPreview;
  readonly instance?: InstanceWorld;
  readonly leftBehind?: number;
}

export function describeDestination(
  id: string,
  { before, next, found, instance, leftBehind }: DestinationFindings,
): DestinationEffect {
  const lists = (found?.lists ?? []).map(({ guard, ...list }) => ({
    ...list,
    audiences: audiencesOf(id, list.list, next),
    ...(guard && { guard }),
  }));
  const calls = lists.reduce((sum, list) => sum + list.calls, 0);
  const pace = instance?.limits.callsPerSecond;
  return {
    destination: id,
    lists,
    newlyShown: found?.newlyShown ?? 0,
    fields: compareFields(id, before, next),
    members: found?.members ?? 0,
    unreachable: found?.unreachable ?? 0,
    withheld: found?.withheld ?? 0,
    purposes: [...(found?.lacking ?? [])].map(([purpose, lacking]) => ({ purpose, lacking })),
    calls,
    ...(pace !== undefined && { seconds: Math.ceil(calls / pace) }),
    ...(leftBehind !== undefined && { leftBehind }),
  };
}

function audiencesOf(id: string, list: string, { config }: LoadedConfig): string[] {
  const settings = config.destinations.get(id);
  if (list === '') return [settings?.profiles?.audience ?? 'everybody'];
  const syncs = settings?.audiences.filter((sync) => sync.list === list) ?? [];
  return syncs.map(({ audience }) => audience);
}

function compareFields(
  id: string,
  before: LoadedConfig,
  next: LoadedConfig,
): DestinationEffect['fields'] {
  const of = ({ config, plugins }: LoadedConfig): string[] =>
    fieldsLeaving(config.destinations.get(id), plugins.destinations.get(id));
  const [now, then] = [of(before), of(next)];
  return {
    added: then.filter((field) => !now.includes(field)),
    removed: now.filter((field) => !then.includes(field)),
  };
}
