// Writes signed heads outside the store, on a schedule and at the end. A folder that cannot be
// written is told and tried again: the hub goes on, and the next head covers what this one missed.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, PluginLogger } from '@tributary/sdk';
import type { Store } from '../store/store.ts';
import { publicKeyPem, type HeadKey } from './head-key.ts';
import { readAuditHead } from './read.ts';
import { parseHead, signHead, type SignedHead } from './signed-head.ts';
import { createFileOnce } from './write-file.ts';

export interface HeadWriterOptions {
  readonly store: Store;
  readonly key: HeadKey;
  /** Outside the store: who can rewrite the one should not be able to rewrite the other. */
  readonly folder: string;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Pick<PluginLogger, 'error'>;
  /** One process at a time writes heads. Default: this one. */
  isOnDuty?(): boolean;
  /** A head covers the whole log now. @param at milliseconds since 1970 */
  onCovered?(at: number): void;
}

export interface HeadWriter {
  /** Writes a head unless the newest already says the same. */
  write(): Promise<SignedHead | undefined>;
  /** Writes one now and then one per period. */
  start(): void;
  /** Ends the schedule and writes the last one. */
  stop(): Promise<void>;
}

export function createHeadWriter(options: HeadWriterOptions): HeadWriter {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  let written = 0;

  async function write(): Promise<SignedHead | undefined> {
    const head = await readAuditHead(options.store);
    if (head.size === written) return undefined;
    const signed = signHead(head, options.clock.now(), options.key);
    await keepHead(options.folder, signed, options.key);
    written = head.size;
    return signed;
  }

  async function writeOrTell(): Promise<void> {
    if (options.isOnDuty?.() === false) return;
    try {
      await write();
      options.onCovered?.(options.clock.now());
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      options.log.error('no head of the audit log could be written; it is tried again', { reason });
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await writeOrTell();
      await options.clock.sleep(options.everyMs, ending.signal).catch(() => undefined);
    }
  }

  return {
    write,
    start() {
      running ??= run();
    },
    async stop() {
      ending.abort();
      await running;
      await writeOrTell();
    },
  };
}

/**
 * `head-000000001234.json` sorts by size; `public-key-<id>.pem` is beside it. A head is never written
 * over: an older one of the same size must say the same.
 */
async function keepHead(folder: string, head: SignedHead, key: HeadKey): Promise<void> {
  await mkdir(folder, { recursive: true });
  await createFileOnce(join(folder, `public-key-${key.id}.pem`), publicKeyPem(key), 0o644);
  const path = join(folder, `head-${String(head.size).padStart(12, '0')}.json`);
  if (await createFileOnce(path, `${JSON.stringify(head, undefined, 2)}\n`, 0o644)) return;
  const before = parseHead(await readFile(path, 'utf8'), path);
  if (before.hash === head.hash) return;
  throw new Error(
    `AUDIT_REWRITTEN: ${path}: an earlier head of ${head.size} entries has another hash, expected the same. Run \`tributary audit verify\` with the heads of this folder and compare with a backup.`,
  );
}
