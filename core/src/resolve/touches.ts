// What a batch said of each profile that identity left as it was: audiences that do not read any of it
// need not be looked at.
import { eventKey } from '../audience/affected.ts';
import type { Touch } from '../audience/affected.ts';
import type { IdentityChange } from '../identity/resolve-identities.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';

type Regrouping = Pick<IdentityChange, 'profileOf' | 'regrouped' | 'origins'>;

/** A profile that is missing here is touched in some other way, and anything may have changed. */
export function touchesOf(
  records: readonly StandardRecord[],
  { profileOf, regrouped, origins }: Regrouping,
  created: ReadonlySet<string>,
): Map<string, Touch> {
  const touches = new Map<string, Gathering>();
  const unclear = new Set([...regrouped, ...origins.keys(), ...created]);
  for (const record of records) {
    const profileId = profileOf.get(record.number);
    if (profileId === undefined) continue;
    const touch = touches.get(profileId) ?? newGathering();
    touches.set(profileId, touch);
    if (record.identifiers.length + record.contacts.length > 1) touch.identifiers = true;
    if (!gather(touch, record)) unclear.add(profileId);
  }
  for (const profileId of unclear) touches.delete(profileId);
  return touches;
}

interface Gathering extends Touch {
  readonly events: Set<string>;
  readonly traits: Set<string>;
  identifiers: boolean;
}

function newGathering(): Gathering {
  return { events: new Set(), traits: new Set(), identifiers: false };
}

/** @returns false where the record may alter anything. */
function gather(touch: Gathering, record: StandardRecord): boolean {
  switch (record.type) {
    case 'track':
    case 'page':
    case 'screen':
    case 'group':
      touch.events.add(eventKey(record.type, record.name));
      return true;
    case 'identify':
      for (const name of Object.keys(record.traits)) touch.traits.add(name);
      return true;
    case 'consent':
      return true;
    case 'alias':
    case 'delete':
    case 'decision':
      return false;
  }
}
