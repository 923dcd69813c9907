// What retention works with.
import type { Clock, ConsentRecord } from '@tributary/sdk';
import type { ResolveRoom } from '../resolve/room.ts';
import type { Store } from '../store/store.ts';
import type { RetentionConfig } from './rules.ts';

export interface RetentionWorld {
  readonly store: Store;
  readonly room: ResolveRoom;
  readonly config: RetentionConfig;
  readonly clock: Clock;
  /** Has the people with these identifiers forgotten up to a time, as if they had asked for it. */
  forget(people: Forgotten): Promise<void>;
}

export interface Forgotten {
  readonly identifiers: readonly {
    readonly namespace: string;
    readonly value: string;
    readonly hash: string;
  }[];
  /** Up to and including. */
  readonly at: number;
  /** What stays said of them, in the moment in which they are forgotten. */
  readonly refusals: readonly ConsentRecord[];
}

/** A type, so that rows can be read as it. */
export type RuleRow = {
  readonly rule: string;
  readonly print: string;
  /** What is dated before counts no more. */
  readonly before: number;
  /** What is dated before is gone. */
  readonly sweptTo: number;
  readonly place: string | null;
  readonly removed: number;
  readonly removedNow: number;
  readonly finishedAt: number | null;
};
