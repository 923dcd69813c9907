// What the log says when a hub starts and stops: by which config, with which plugins.
import type { Store } from '../store/store.ts';
import { appendAudit } from './append.ts';
import type { AuditEntry } from './entry.ts';

export interface HubLife {
  /** One process's life. */
  readonly run: string;
  readonly at: number;
  /** Hash of the rules that people are folded by. */
  readonly rules: string;
  readonly audiences: readonly string[];
  /** Instance → package. */
  readonly plugins: ReadonlyMap<string, string>;
  readonly failed: readonly { readonly instance: string; readonly code: string }[];
}

export function startEntries(life: HubLife): AuditEntry[] {
  const { run, at, rules, audiences, plugins, failed } = life;
  const entry = (kind: AuditEntry['kind'], details: AuditEntry['details'] = {}): AuditEntry => ({
    kind,
    at,
    actor: 'hub',
    details: { run, ...details },
  });
  const notOpened = new Map(failed.map(({ instance, code }) => [instance, code]));
  return [
    entry('hub.started'),
    entry('config.loaded', { rules, audiences }),
    ...[...plugins].map(([instance, plugin]) => {
      const code = notOpened.get(instance);
      return code === undefined
        ? entry('plugin.opened', { instance, plugin })
        : entry('plugin.failed', { instance, plugin, code });
    }),
  ];
}

export interface ConfigChange extends HubLife {
  /** Who asked for it, e.g. `key:ab12`, `signal`. */
  readonly actor: string;
  /** Keyed hashes of the config from now on, and of the one before. */
  readonly config: string;
  readonly before: string;
  /** Instance → package, of those that are opened for it and those that are closed. */
  readonly opened: ReadonlyMap<string, string>;
  readonly closed: ReadonlyMap<string, string>;
}

/** What a running hub says when it takes up another config. */
export function changeEntries(change: ConfigChange): AuditEntry[] {
  const { run, at, actor, config, before, rules, audiences, opened, closed } = change;
  const entry = (kind: AuditEntry['kind'], details: AuditEntry['details']): AuditEntry => ({
    kind,
    at,
    actor,
    details: { run, ...details },
  });
  return [
    entry('config.changed', { config, before, rules, audiences }),
    ...[...opened].map(([instance, plugin]) => entry('plugin.opened', { instance, plugin })),
    ...[...closed].map(([instance, plugin]) => entry('plugin.closed', { instance, plugin })),
  ];
}

export function stopEntries({ run, at }: Pick<HubLife, 'run' | 'at'>): AuditEntry[] {
  return [{ kind: 'hub.stopped', at, actor: 'hub', details: { run } }];
}

export async function noteLife(store: Store, entries: readonly AuditEntry[]): Promise<void> {
  // A few rows; a hub that is asked to change must not wait behind all that it does in the background.
  await store.transaction('gate', (transaction) => appendAudit(transaction, entries));
}
