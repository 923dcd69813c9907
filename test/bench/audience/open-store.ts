// A store for one run, in a folder or schema of its own, that tells how long its statements took.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import { openServerStore } from '../../../core/src/store/server.ts';
import type { Store } from '../../../core/src/store/store.ts';
import { postgresUrl } from '../../support/services.ts';
import { dropSchema, freshSchema } from '../../support/schemas.ts';
import type { StoreKind } from './options.ts';

export interface BenchStore {
  readonly store: Store;
  readonly statements: StatementTimes;
  dispose(): Promise<void>;
}

export interface StatementTime {
  readonly name: string;
  readonly calls: number;
  /** Milliseconds in all, and of the longest. */
  readonly all: number;
  readonly longest: number;
}

export interface StatementTimes {
  /** Since the last time it was asked; the costliest first. */
  take(): StatementTime[];
}

/** Making a key over twenty million events takes its time. */
const statementTimeoutMs = 3_600_000;

export async function openBenchStore(
  kind: StoreKind,
  schema: string | undefined,
): Promise<BenchStore> {
  const { onStatement, statements } = timeStatements();
  if (kind === 'postgresql') {
    const name = schema ?? freshSchema();
    const store = await openServerStore({
      connectionString: postgresUrl,
      schema: name,
      statementTimeoutMs,
      transactionTimeoutMs: statementTimeoutMs,
      onStatement,
    });
    const dispose = (): Promise<void> =>
      store.close().then(() => (schema === undefined ? dropSchema(name) : undefined));
    return { store, statements, dispose };
  }
  const root = await mkdtemp(join(tmpdir(), 'tributary-audience-'));
  const store = await openEmbeddedStore({ folder: join(root, 'data'), onStatement });
  const dispose = (): Promise<void> =>
    store.close().then(() => rm(root, { recursive: true, force: true }));
  return { store, statements, dispose };
}

function timeStatements(): {
  onStatement: (lane: string, name: string, milliseconds: number) => void;
  statements: StatementTimes;
} {
  let times = new Map<string, StatementTime>();
  return {
    onStatement(_, name, milliseconds) {
      const { calls, all, longest } = times.get(name) ?? { calls: 0, all: 0, longest: 0 };
      times.set(name, {
        name,
        calls: calls + 1,
        all: all + milliseconds,
        longest: Math.max(longest, milliseconds),
      });
    },
    statements: {
      take() {
        const taken = [...times.values()].sort((one, other) => other.all - one.all);
        times = new Map();
        return taken.map((time) => ({
          ...time,
          all: Math.round(time.all),
          longest: Math.round(time.longest),
        }));
      },
    },
  };
}
