// Why something is so, in one form for everything that can be asked: an answer in a sentence, the reasons
// below it as a tree, and the facts for programs.
import type { Identifier, JsonValue } from '@tributary/sdk';

export interface Reason {
  readonly says: string;
  /** Whether what it says is so; left out where there is nothing to hold. */
  readonly holds?: boolean;
  readonly because?: readonly Reason[];
}

export interface Explained {
  readonly answer: string;
  readonly because: readonly Reason[];
}

export interface TraitExplained extends Explained {
  /** undefined: the profile has no such trait. */
  readonly value: JsonValue | undefined;
  readonly source: string | undefined;
  readonly at: number | undefined;
  /** Log number of the record that said so. */
  readonly record: number | undefined;
}

export interface MembershipExplained extends Explained {
  readonly member: boolean;
  readonly since: number | undefined;
  readonly cause: string | undefined;
  /** The earliest moment at which time alone may change it. */
  readonly nextChangeAt: number | undefined;
}

export interface MergeExplained extends Explained {
  readonly samePerson: boolean;
  readonly profiles: readonly string[];
}

export interface DeliveryExplained extends Explained {
  /** Whether it is there, as far as anybody knows. */
  readonly there: boolean;
  readonly nextAttemptAt: number | undefined;
}

export interface ExplainReads {
  trait(profileId: string, trait: string, now: number): Promise<TraitExplained>;
  /** The audience must be there. */
  membership(profileId: string, audience: string, now: number): Promise<MembershipExplained>;
  /** undefined: one of them is not known. */
  merge(left: Identifier, right: Identifier): Promise<MergeExplained | undefined>;
  /** The instance must run. */
  delivery(
    profileId: string,
    instance: string,
    list: string | undefined,
    now: number,
  ): Promise<DeliveryExplained>;
}
