// PGlite's files on disk, made to survive a power cut: PGlite ships without fsync, so the file
// system it mounts is taught to sync what PostgreSQL asks to be synced.
import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type ModuleOptions = Parameters<NodeFS['init']>[1];

/** What is used of Emscripten's NODEFS, which PGlite's types leave open. */
interface MountedFiles {
  readonly NODEFS?: {
    readonly stream_ops: Record<string, unknown>;
    realPath(node: unknown): string;
  };
  readonly FS: { readonly ErrnoError: new (errno: number) => Error };
}

interface OpenStream {
  /** Node's descriptor; missing on a directory, which Emscripten does not open. */
  readonly nfd?: number;
  readonly node: unknown;
}

/** `fsync=on` alone is not enough: fdatasync, PostgreSQL's default, is a stub in Emscripten. */
export const durableParameters: readonly string[] = [
  '-c',
  'fsync=on',
  '-c',
  'wal_sync_method=fsync',
];

/** Errno EIO of WASI: PostgreSQL stops itself rather than go on after a failed sync. */
const inputOutputError = 29;

/** Statuses with which PGlite's build leaves WebAssembly and comes back. */
const comesBack: ReadonlySet<unknown> = new Set([99, 100]);

export class DurableFiles extends NodeFS {
  readonly #stopped: () => void;

  /**
   * @param stopped called at once, deep inside a statement, when PostgreSQL has stopped itself
   *   (PANIC, FATAL). PGlite swallows that and would turn in circles ever after.
   */
  constructor(folder: string, stopped: () => void) {
    super(folder);
    this.#stopped = stopped;
  }

  override async init(
    database: PGlite,
    options: ModuleOptions,
  ): Promise<{ emscriptenOpts: ModuleOptions }> {
    const { emscriptenOpts } = await super.init(database, options);
    const preRun = [...(emscriptenOpts.preRun ?? []), teachSync];
    const onAbort = this.#stopped;
    const onExit = (status: unknown): void => {
      if (!comesBack.has(status)) this.#stopped();
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun, onAbort, onExit } };
  }
}

function teachSync(module: MountedFiles): void {
  const files = module.NODEFS;
  if (files === undefined) return;
  files.stream_ops['fsync'] = (stream: OpenStream): number => {
    try {
      if (stream.nfd === undefined) syncFolder(files.realPath(stream.node));
      else fsyncSync(stream.nfd);
      return 0;
    } catch {
      throw new module.FS.ErrnoError(inputOutputError);
    }
  };
}

/** A renamed or created file is only there after a power cut when its folder was synced. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return; // a folder cannot be opened there
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
