// Which of a person's data a destination is told, by config alone: addresses, traits, events. Pure.
import type { DestinationPlugin } from '@tributary/sdk';
import type { DestinationInstanceSettings } from '../delivery/settings.ts';

/** In words that stay the same from plan to plan, sorted. */
export function fieldsLeaving(
  settings: DestinationInstanceSettings | undefined,
  plugin: DestinationPlugin | undefined,
): string[] {
  if (settings === undefined || plugin === undefined || !settings.enabled) return [];
  const { audiences, profiles, events, actions, contactPoints } = settings;
  const addresses = contactPoints === 'all' ? 'every' : 'primary';
  const traits = (where: string, mapped: ReadonlyMap<string, string>): string[] =>
    [...mapped].map(([field, trait]) => `${where}: trait ${trait} as ${field}`);
  const fields = [
    ...plugin.identifiers.map((namespace) => `identifier ${namespace} (${addresses})`),
    ...audiences.flatMap((sync) => [
      `list ${sync.list}: members of ${sync.audience}`,
      ...traits(`list ${sync.list}`, sync.traits),
    ]),
    ...(profiles ? ['profiles', ...traits('profiles', profiles.traits)] : []),
    ...actions.flatMap((action) => [
      `action ${action.action}: who enters ${action.audience}`,
      ...traits(`action ${action.action}`, action.traits),
    ]),
    ...(events ? eventFields(events) : []),
  ];
  return [...new Set(fields)].sort();
}

function eventFields({
  types,
  names,
  historical = false,
}: NonNullable<DestinationInstanceSettings['events']>): string[] {
  const tracked = names === undefined ? ['every track event'] : [...names];
  return [
    ...types.flatMap((type) => (type === 'track' ? tracked : [`${type} events`])),
    ...(historical ? ['back-filled events too'] : []),
  ].map((event) => `events: ${event}`);
}
