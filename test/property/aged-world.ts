// What is left of a world by rules of retention, in the words in which the world is written: the oracle then
// foretells what a hub shows that has let it age.
import type { JsonObject } from '@tributary/sdk';
import { day, origin } from './moments.ts';
import type { SourceName } from './vocabulary.ts';
import type { World, WorldConsent, WorldRecord } from './world.ts';

export interface Retention {
  /** Days that what a source said is kept. */
  readonly sources: Readonly<Partial<Record<SourceName, number | undefined>>>;
  /** Days that a grant for e-mail counts, and what it covers is kept. */
  readonly marketing: number | undefined;
}

/** Held for e-mail marketing alone. */
export const heldTraits = ['campaign', 'tags'];
export const heldFor = 'email_marketing';

/** Ten minutes of the world become a day, so that some of it is old while the rest is not. */
export function stretch(world: World): World {
  const stretched = (at: number): number => origin + (at - origin) * 144;
  return {
    ...world,
    looks: world.looks.map(stretched),
    records: world.records.map((record) => ({
      ...record,
      receivedAt: stretched(record.receivedAt),
      timestamp: record.timestamp === undefined ? undefined : stretched(record.timestamp),
      consents: record.consents.map((consent) => ({
        ...consent,
        expiresAt: consent.expiresAt === undefined ? undefined : stretched(consent.expiresAt),
      })),
    })),
  };
}

/** As it counts on the day of a moment. */
export function ageWorld(world: World, retention: Retention, now: number): World {
  return {
    ...world,
    looks: [now],
    records: world.records.map((record) => ageRecord(record, retention, now)),
  };
}

function ageRecord(record: WorldRecord, retention: Retention, now: number): WorldRecord {
  const at = Math.min(record.timestamp ?? record.receivedAt, record.receivedAt);
  const isOld = (days: number | undefined): boolean =>
    days !== undefined && at < Math.floor((now - days * day) / day) * day;
  const limited = { ...record, consents: record.consents.map(endGrant(at, retention)) };
  if (record.kind === 'delete') return limited;
  if (isOld(retention.sources[record.source])) return withoutContent(limited);
  return isOld(retention.marketing) ? withoutHeldTraits(limited) : limited;
}

function endGrant(at: number, { marketing }: Retention): (consent: WorldConsent) => WorldConsent {
  return (consent) => {
    const { purpose, status, expiresAt } = consent;
    if (marketing === undefined || purpose !== heldFor || status !== 'granted') return consent;
    return { ...consent, expiresAt: Math.min(expiresAt ?? Infinity, at + marketing * day) };
  };
}

/** Whom it named and what it said of consent. */
function withoutContent(record: WorldRecord): WorldRecord {
  if (record.kind === 'alias') return record;
  return { ...withEveryName(record), kind: 'consent', traits: {}, properties: {}, event: '' };
}

function withoutHeldTraits(record: WorldRecord): WorldRecord {
  if (record.kind !== 'identify') return record;
  const kept: JsonObject = Object.fromEntries(
    Object.entries(record.traits).filter(([name]) => !heldTraits.includes(name)),
  );
  return { ...withEveryName(record), traits: kept };
}

/** The trait that is an identifier named one. */
function withEveryName(record: WorldRecord): WorldRecord {
  const { email } = record.traits;
  if (record.kind !== 'identify' || typeof email !== 'string') return record;
  return { ...record, names: [...new Set([...record.names, `email:${email.toLowerCase()}`])] };
}
