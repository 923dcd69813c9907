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

export function stopEntries({ run, at }: Pick<HubLife, 'run' | 'at'>): AuditEntry[] {
  return [{ kind: 'hub.stopped', at, actor: 'hub', details: { run } }];
}

export async function noteLife(store: Store, entries: readonly AuditEntry[]): Promise<void> {
  await store.transaction('background', (transaction) => appendAudit(transaction, entries));
}
