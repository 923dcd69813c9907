// Memberships and traits as another config would make them, for delivery's preview.
import type { MembershipPreview, PreviewedProfiles } from '../audience/preview-memberships.ts';
import { asTheyAre, type Membership, type SupportReads } from '../delivery/preview-destination.ts';

export interface PreviewReads {
  readonly reads: SupportReads;
  /** The slice under way, so that nobody in it is evaluated twice. */
  remember(profiles: PreviewedProfiles): void;
}

export function createPreviewReads(preview: MembershipPreview): PreviewReads {
  let remembered: PreviewedProfiles = new Map();

  async function find(profileIds: readonly string[]): Promise<PreviewedProfiles> {
    const missing = [...new Set(profileIds)].filter((id) => !remembered.has(id));
    const more = missing.length === 0 ? [] : await preview.of(missing);
    return new Map([...remembered, ...more]);
  }

  return {
    remember(profiles) {
      remembered = profiles;
    },
    reads: {
      async memberships(_, profileIds, audiences) {
        const profiles = await find(profileIds);
        return new Map(
          profileIds.map((id) => {
            const within = profiles.get(id)?.audiences ?? new Set();
            const met = audiences.filter((audience) => within.has(audience));
            return [id, new Map(met.map((audience) => [audience, asOfNow]))];
          }),
        );
      },
      async traits(queryable, profileIds, names) {
        const stored = await asTheyAre.traits(queryable, profileIds, names);
        const profiles = await find(profileIds);
        return new Map(
          profileIds.map((id) => {
            const traits = { ...stored.get(id) };
            for (const [name, value] of profiles.get(id)?.computed ?? []) {
              if (value === undefined) delete traits[name];
              else if (names.includes(name)) traits[name] = value;
            }
            return [id, traits];
          }),
        );
      },
    },
  };
}

/** Planning of states does not ask since when. */
const asOfNow: Membership = { since: 0, cause: 'baseline' };
