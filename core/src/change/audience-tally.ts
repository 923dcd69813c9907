// How audiences would change in size, and by how many people who come and go.
import type { PreviewedProfiles } from '../audience/preview-memberships.ts';
import type { HubConfig } from '../config/hub-config.ts';

export interface AudienceEffect {
  readonly audience: string;
  /** Members now; 0 for one that is new. */
  readonly before: number;
  /** Members then; 0 for one that is no more. */
  readonly after: number;
  readonly entering: number;
  readonly leaving: number;
}

export interface AudienceTally {
  note(profiles: PreviewedProfiles): void;
  /** Of those whose rule is new, edited or gone. */
  effects(): AudienceEffect[];
}

export function createAudienceTally(
  before: HubConfig,
  next: HubConfig,
  evaluated: ReadonlySet<string>,
): AudienceTally {
  const kept = new Set(next.audiences.map(({ name }) => name));
  const gone = before.audiences.map(({ name }) => name).filter((name) => !kept.has(name));
  const names = [...kept].filter((name) => evaluated.has(name)).concat(gone);
  const counts = new Map(
    names.map((name) => [name, { before: 0, after: 0, entering: 0, leaving: 0 }]),
  );
  return {
    note(profiles) {
      for (const { audiences, rows } of profiles.values()) {
        const now = new Set(rows.map(({ audience }) => audience));
        for (const [name, count] of counts) {
          const [was, is] = [now.has(name), audiences.has(name)];
          count.before += Number(was);
          count.after += Number(is);
          count.entering += Number(is && !was);
          count.leaving += Number(was && !is);
        }
      }
    },
    effects: () => [...counts].map(([audience, count]) => ({ audience, ...count })),
  };
}
