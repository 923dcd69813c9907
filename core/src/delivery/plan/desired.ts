// What should be so at the destination for one vendor key on one list, from those who stand behind
// the key. Pure.
import type { JsonObject } from '@tributary/sdk';
import type { DestinationInstanceSettings } from '../settings.ts';
import type { Desired, RemovalCause } from '../state/ledger-row.ts';
import { mapTraits, type Support } from './supports.ts';

/** A list of config: members of any of these audiences are on it. `audience` undefined: everybody. */
export interface ListSettings {
  readonly list: string;
  readonly sources: readonly {
    readonly audience: string | undefined;
    readonly traits: ReadonlyMap<string, string>;
  }[];
}

/** The profile feature is the list named ''. */
export function listsOf(settings: DestinationInstanceSettings): Map<string, ListSettings> {
  const lists = new Map<string, ListSettings>();
  for (const [list, syncs] of Map.groupBy(settings.audiences, (sync) => sync.list)) {
    lists.set(list, { list, sources: syncs });
  }
  if (settings.profiles !== undefined) lists.set('', { list: '', sources: [settings.profiles] });
  return lists;
}

export interface DesiredQuestion {
  readonly list: ListSettings | undefined;
  /** All that stand behind the key. */
  readonly supports: readonly Support[];
  /** Everybody who ever stood behind the key was erased. */
  readonly erased: boolean;
}

/** Wanted iff a member may be reached there and nobody has forbidden the contact point itself. */
export function decideDesired(question: DesiredQuestion): Desired {
  const desired = decideAlive(question);
  return question.erased && !desired.wanted ? unwanted('erased') : desired;
}

function decideAlive({ list, supports }: DesiredQuestion): Desired {
  if (list === undefined) return unwanted(isRefused(supports) ? 'consent' : 'config');
  if (isForbidden(supports)) return unwanted('consent');
  const members = supports.filter((support) => isOnList(list, support));
  if (members.length === 0) return unwanted(isRefused(supports) ? 'consent' : 'membership');
  // One person speaks for the key; which one must not flip with every event.
  const [speaker] = members
    .filter((support) => support.consent.granted)
    .toSorted((a, b) => (a.profileId < b.profileId ? -1 : 1));
  if (speaker === undefined) return unwanted('consent');
  const { identifier, profileId } = speaker;
  return {
    wanted: true,
    next: contentOf(list, speaker),
    profileId,
    identifierId: identifier.id,
    namespace: identifier.namespace,
    value: identifier.value,
  };
}

/** Who has no place there and may not be reached there either is taken out for the latter: no guard holds that. */
function isRefused(supports: readonly Support[]): boolean {
  if (isForbidden(supports)) return true;
  return supports.length > 0 && !supports.some((support) => support.consent.granted);
}

function isForbidden(supports: readonly Support[]): boolean {
  return supports.some((support) => support.consent.forbidden);
}

function isOnList(list: ListSettings, support: Support): boolean {
  return list.sources.some(({ audience }) => isIn(audience, support));
}

function isIn(audience: string | undefined, support: Support): boolean {
  return audience === undefined || support.memberships.has(audience);
}

function contentOf(list: ListSettings, support: Support): JsonObject {
  return list.sources
    .filter(({ audience }) => isIn(audience, support))
    .reduce<JsonObject>(
      (content, { traits }) => ({ ...content, ...mapTraits(traits, support.traits) }),
      {},
    );
}

function unwanted(cause: RemovalCause): Desired {
  return { wanted: false, cause };
}
