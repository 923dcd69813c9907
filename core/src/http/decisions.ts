// What the API says and asks of operators' decisions about who is who. Times are milliseconds since 1970.
import type { Identifier } from '@tributary/sdk';
import type { DecisionKind } from '../standardise/decision-record.ts';
import type { Explained } from './explanations.ts';

export interface AskedDecision {
  readonly kind: DecisionKind;
  readonly left: Identifier;
  readonly right: Identifier;
  /** Of a retraction; undefined: all that was observed until now. */
  readonly upTo?: number | undefined;
  /** Only say what would come of it. */
  readonly preview: boolean;
  /** Also where one of them is not known yet: it holds from the moment on in which she is. */
  readonly evenUnknown: boolean;
  /** The caller's: the same one is decided once. */
  readonly id?: string | undefined;
}

export interface DecisionExplained extends Explained {
  /** Whether the two are one person then. */
  readonly samePerson: boolean;
  /** The people that the two belong to then. */
  readonly profiles: readonly string[];
  readonly audiences: readonly {
    readonly audience: string;
    readonly entered: number;
    readonly left: number;
  }[];
}

export type DecisionAnswer =
  | ({ readonly kind: 'previewed' } & DecisionExplained)
  /** `record` is its log number; undefined: it was decided before. */
  | ({ readonly kind: 'decided'; readonly record: number | undefined } & DecisionExplained)
  /** One of the two was never named. */
  | { readonly kind: 'unknown' }
  /** One of the two was erased, and is not back. */
  | { readonly kind: 'erased' }
  | { readonly kind: 'refused'; readonly message: string };

export interface DecisionView {
  readonly kind: DecisionKind;
  readonly left: Identifier;
  readonly right: Identifier;
  /** Of a retraction: what was observed until then does not count. */
  readonly upTo: number | undefined;
  /** When it was decided, and by whose key. */
  readonly at: number;
  readonly actor: string;
  readonly record: number;
  /** Why a merge joins nobody, e.g. `limit:user_id`. */
  readonly rejectedBy: string | undefined;
}

export interface DecisionOperations {
  decide(asked: AskedDecision, actor: string): Promise<DecisionAnswer>;
  /** Those that stand about a person's identifiers, the newest first. */
  list(profileId: string, limit: number): Promise<readonly DecisionView[]>;
}
