// The world as config reads it: the process's environment and the disk.
import { open } from 'node:fs/promises';
import type { ConfigWorld } from './references.ts';

/** One byte more than a config may have, so that what is too large is seen to be. */
const mostBytes = 1_048_577;

export function createConfigWorld(env: ConfigWorld['env']): ConfigWorld {
  return { env, readFile: readBounded };
}

/** At most so much is read, whatever the file is: it may be a pipe that never ends. */
async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    while (size < mostBytes) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536, null);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } finally {
    await file.close();
  }
}
