// What becomes of one profile's memberships. Pure: the rows that were there, and what rules say now.

/**
 * Why somebody came in. Actions follow `live` and `time` only: `historical` is a back-fill,
 * `baseline` the first computation of a new or edited audience, `rebuild` one from the log.
 */
export const membershipCauses = ['live', 'time', 'historical', 'baseline', 'rebuild'] as const;
export type MembershipCause = (typeof membershipCauses)[number];

export interface Membership {
  readonly audience: string;
  readonly profileId: string;
  /** When the person came in; carried over when profiles merge or split. */
  readonly since: number;
  readonly cause: MembershipCause;
}

export interface MembershipQuestion {
  readonly profileId: string;
  /** Audiences to decide; others stay as they are. */
  readonly audiences: readonly string[];
  readonly meets: ReadonlySet<string>;
  /** The profile's own rows. */
  readonly own: readonly Membership[];
  /** Rows of the profiles that its identifiers came from. */
  readonly inherited: readonly Membership[];
  readonly now: number;
  readonly cause: MembershipCause;
  /** Audiences whose first computation has not reached this profile. */
  readonly notReached: (audience: string) => boolean;
}

export interface MembershipDecision {
  /** Rows to write: those who came in, and those whose row is carried over. */
  readonly written: readonly Membership[];
  /** Of those, the ones who came in. */
  readonly entered: readonly string[];
  /** Rows to delete. */
  readonly left: readonly string[];
}

export function decideMemberships(question: MembershipQuestion): MembershipDecision {
  const own = new Map(question.own.map((row) => [row.audience, row]));
  const written: Membership[] = [];
  const entered: string[] = [];
  const left: string[] = [];
  for (const audience of question.audiences) {
    const before = own.get(audience);
    if (!question.meets.has(audience)) {
      if (before !== undefined) left.push(audience);
      continue;
    }
    const carried = earliest(question.inherited, audience);
    if (before === undefined && carried === undefined) entered.push(audience);
    if (before === undefined || (carried !== undefined && carried.since < before.since)) {
      written.push(carried ?? newMembership(question, audience));
    }
  }
  const { profileId } = question;
  return { written: written.map((row) => ({ ...row, profileId })), entered, left };
}

/** Before the first computation reaches a profile nobody knows whether it was a member already. */
function newMembership(question: MembershipQuestion, audience: string): Membership {
  const { profileId, now, cause } = question;
  const unsure = question.notReached(audience) && cause !== 'rebuild';
  return { audience, profileId, since: now, cause: unsure ? 'baseline' : cause };
}

function earliest(rows: readonly Membership[], audience: string): Membership | undefined {
  let found: Membership | undefined;
  for (const row of rows) {
    if (row.audience === audience && (found === undefined || row.since < found.since)) found = row;
  }
  return found;
}
