// Which events an instance is told of at all. Pure; consent is asked later, at the gate, because the
// answer may change until then.
import type { StandardRecord } from '../../standardise/standard-record.ts';
import type { DestinationInstanceSettings, EventForwarding } from '../settings.ts';
import type { ResolvedEvent } from '../world.ts';

/** Segment's word for a change of preferences: told whatever they say, so that the other side learns of it. */
export const consentEvent = 'Segment Consent Preference Updated';

export function isConsentEvent(record: StandardRecord): boolean {
  return record.type === 'track' && record.name === consentEvent;
}

/** `pass`: config does not forward this kind; it is no delivery at all. */
export type Selection = 'forward' | 'filtered' | 'pass';

export function selectEvent(
  { record }: ResolvedEvent,
  settings: DestinationInstanceSettings,
  events: EventForwarding,
): Selection {
  if (!events.types.some((type) => type === record.type)) return 'pass';
  if (record.historical && events.historical !== true) return 'pass';
  const { names } = events;
  const named = record.type !== 'track' || names === undefined || names.has(record.name);
  if (!named && !isConsentEvent(record)) return 'pass';
  return isSwitchedOn(record, settings.id) ? 'forward' : 'filtered';
}

/** `{ All: false, "<instance>": true }`; an object of options counts as on. */
function isSwitchedOn({ integrations }: StandardRecord, instance: string): boolean {
  const own = integrations[instance];
  if (own !== undefined && own !== null) return own !== false;
  return integrations['All'] !== false;
}
