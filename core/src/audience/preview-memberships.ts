// Who would be in which audience, and with which computed traits, by another config: rules that the
// store has not computed are asked themselves, of everybody, slice by slice; nothing is written.
import type { JsonValue } from '@tributary/sdk';
import type { HubConfig } from '../config/hub-config.ts';
import type { Queryable } from '../store/store.ts';
import { compileAudiences, selectAudiences } from './audience-set.ts';
import { findUncomputed } from './install.ts';
import { loadMemberships } from './load-memberships.ts';
import { loadPeople } from './load-people.ts';
import type { Membership } from './membership.ts';
import { selectSlice } from './plans.ts';
import type { SliceSize } from './slice-size.ts';

export interface PreviewedProfile {
  /** Audiences of the config that she would be in. */
  readonly audiences: ReadonlySet<string>;
  /** Where she is now, in audiences that there may be no more. */
  readonly rows: readonly Membership[];
  /** Undefined: they stay as they are; and so for one that would have no value. */
  readonly computed: ReadonlyMap<string, JsonValue | undefined> | undefined;
}

export type PreviewedProfiles = ReadonlyMap<string, PreviewedProfile>;

export interface MembershipPreview {
  /** Those whose rule is asked; the others are as the store has them. */
  readonly evaluated: ReadonlySet<string>;
  of(profileIds: readonly string[]): Promise<PreviewedProfiles>;
  /** Everybody, in slices of ascending ids. */
  walk(visit: (profiles: PreviewedProfiles) => Promise<void>): Promise<void>;
}

/** @param size of a slice. @param clock measures how long one takes; milliseconds, any origin. */
export async function createMembershipPreview(
  queryable: Queryable,
  config: Pick<HubConfig, 'audiences' | 'profile'>,
  now: number,
  { size, clock }: { readonly size: SliceSize; readonly clock: () => number },
): Promise<MembershipPreview> {
  const all = compileAudiences(config.audiences, [...config.profile.computed.values()]);
  const open = await findUncomputed(queryable, all);
  const askedAudiences = selectAudiences(config.audiences, open.audiences);
  const set = compileAudiences(askedAudiences, open.computed ? all.computed : []);
  const kept = new Set(
    config.audiences.map(({ name }) => name).filter((name) => !open.audiences.has(name)),
  );
  const asks = askedAudiences.length > 0 || open.computed;

  async function of(profileIds: readonly string[]): Promise<PreviewedProfiles> {
    const memberships = await loadMemberships(queryable, profileIds);
    const { everything: selection } = set;
    const asked = profileIds.map((id) => ({ id, selection }));
    const people = asks ? await loadPeople(queryable, set, asked, now) : [];
    const evaluations = new Map(people.map(({ id, person }) => [id, set.evaluate(person, now)]));
    return new Map(
      profileIds.map((id) => {
        const rows = memberships.of(id);
        const evaluation = evaluations.get(id);
        const met = [...(evaluation?.meets ?? [])].filter((name) => open.audiences.has(name));
        const stays = rows.map(({ audience }) => audience).filter((name) => kept.has(name));
        const computed = open.computed ? evaluation?.computed : undefined;
        return [id, { audiences: new Set([...met, ...stays]), rows, computed }];
      }),
    );
  }

  return {
    evaluated: open.audiences,
    of,
    async walk(visit) {
      for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
        const started = clock();
        const limit = size.current();
        const rows = await queryable.query<{ id: string }>(selectSlice, [after, limit]);
        const last = rows.at(-1);
        if (last === undefined) return;
        const profiles = await of(rows.map(({ id }) => id));
        size.took(clock() - started);
        await visit(profiles);
        after = last.id;
      }
    },
  };
}
