// What a destination instance works with. Everything of the world comes in here; nothing of it is
// shared that one slow instance could hold against another.
import type {
  Clock,
  DestinationLimits,
  DestinationPlugin,
  PluginContext,
  PluginLogger,
  UnknownSettings,
} from '@tributary/sdk';
import type { ConsentReader } from '../consent/read.ts';
import type { IdentitySettings } from '../identity/settings.ts';
import type { ProfileSettings } from '../profile/settings.ts';
import type { Tracing } from '../observe/tracing.ts';
import type { EmittedRecord } from '../standardise/standard-record.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';
import type { DispatchLatch } from './dispatch-latch.ts';
import type { GuardMemory } from './guard-memory.ts';
import type { Traffic } from './send/traffic.ts';
import type { DestinationInstanceSettings } from './settings.ts';

/** An opened plugin. */
export interface LoadedDestination {
  readonly plugin: DestinationPlugin;
  readonly context: PluginContext<UnknownSettings>;
  readonly connection: unknown;
}

/** An event that resolve has taken in, and whose it is now. */
export interface ResolvedEvent {
  readonly record: EmittedRecord;
  /** null: nobody's (a record without identifiers, or erased). */
  readonly profileId: string | null;
}

export interface EventReader {
  /** Events after a log number and up to resolve's cursor, in order. */
  after(number: number, limit: number): Promise<readonly ResolvedEvent[]>;
  /** The events with these numbers; those that are gone are left out. */
  at(numbers: readonly number[]): Promise<readonly ResolvedEvent[]>;
  /** Resolve's cursor. */
  position(): Promise<number>;
}

/** Written to the audit log in the transaction of what it tells. No personal data, no vendor's words. */
export interface DeliveryAuditEntry {
  readonly kind: string;
  readonly instance: string;
  readonly details: { readonly [field: string]: string | number | boolean | null };
}

export interface DeliveryWorld {
  readonly store: Store;
  readonly identity: IdentitySettings;
  readonly profile: Pick<ProfileSettings, 'primary'>;
  readonly consent: ConsentReader;
  /** Which of these identifier hashes have a stop that is not resolved yet. */
  readonly stopped: (
    queryable: Queryable,
    hashes: readonly string[],
    purposes: readonly string[],
    channel: string,
  ) => Promise<Set<string>>;
  readonly readEvents: EventReader;
  readonly latch: DispatchLatch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: PluginLogger;
  readonly audit: (
    transaction: Transaction,
    entries: readonly DeliveryAuditEntry[],
  ) => Promise<void>;
  /** Remembers that these profile ids leave the hub. */
  readonly handOut: (transaction: Transaction, profileIds: readonly string[]) => Promise<void>;
  /** Where traces are asked for. */
  readonly tracing?: Pick<Tracing, 'deliver'> | undefined;
  /** Takes secrets out of a vendor's words. */
  readonly redact: (words: string) => string;
  /** What came in or was caused before may have gone out already: the store came from a backup. */
  readonly restoredAt?: number | undefined;
}

/** Why something is in doubt that the hub itself never sent. */
export const restoredMeanwhile = 'the store was restored from a backup while it waited';

export interface InstanceWorld extends DeliveryWorld {
  readonly id: string;
  readonly settings: DestinationInstanceSettings;
  readonly destination: LoadedDestination;
  readonly limits: Limits;
  readonly traffic: Traffic;
  readonly guardMemory: GuardMemory;
  /** Aborts when the instance is stopped. */
  readonly signal: AbortSignal;
}

export interface Limits {
  readonly batchRecords: number;
  readonly batchBytes: number;
  readonly concurrency: number;
  readonly callsPerSecond: number | undefined;
  readonly timeoutMs: number;
  readonly pollAfterMs: number;
}

/** The plugin's limits, made stricter by config where it says so, with defaults. */
export function limitsOf(
  destination: LoadedDestination,
  settings: DestinationInstanceSettings,
): Limits {
  const own = ownLimits(destination);
  const stricter = (
    field: 'batchRecords' | 'batchBytes' | 'concurrency' | 'callsPerSecond' | 'timeoutMs',
  ): number | undefined => {
    const given = [own[field], settings.limits[field]].filter(isBound);
    return given.length === 0 ? undefined : Math.min(...given);
  };
  return {
    batchRecords: Math.max(1, stricter('batchRecords') ?? 500),
    batchBytes: Math.max(1, stricter('batchBytes') ?? 1_048_576),
    concurrency: Math.max(1, stricter('concurrency') ?? 2),
    callsPerSecond: stricter('callsPerSecond'),
    timeoutMs: stricter('timeoutMs') ?? 30_000,
    pollAfterMs: [settings.limits.pollAfterMs, own.pollAfterMs].find(isBound) ?? 5_000,
  };
}

/** A plugin that throws here, or answers nonsense, has the defaults. */
function ownLimits({ plugin: { limits }, context }: LoadedDestination): DestinationLimits {
  if (typeof limits !== 'function') return limits ?? {};
  try {
    return { ...limits(context.settings) };
  } catch (error) {
    const reason = error instanceof Error ? error.name : typeof error;
    context.log.error('PLUGIN_LIMITS_FAILED: `limits` threw; the defaults hold', { reason });
    return {};
  }
}

function isBound(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
