// What a source or an operator gives for a place to read on from, before it is committed beside others' records.
import { isStorableJson } from './bounds.ts';

/** A checkpoint larger than this is a source's mistake, not a place in a stream. */
const mostBytes = 64 * 1_024;
const maxDepth = 32;

/** What is wrong with it; undefined: it can be stored. */
export function checkCheckpoint(source: string, checkpoint: unknown): string | undefined {
  if (!isStorableJson(checkpoint, maxDepth)) {
    return `CHECKPOINT_UNSTORABLE: source ${source}: found U+0000, half of a surrogate pair, an endless number or more than ${maxDepth} levels in its checkpoint, expected plain JSON. Encode what is not text, e.g. in base64.`;
  }
  const size = Buffer.byteLength(JSON.stringify(checkpoint) ?? '');
  if (size <= mostBytes) return undefined;
  return `CHECKPOINT_TOO_LARGE: source ${source}: found a checkpoint of ${size} bytes of JSON, expected at most ${mostBytes}. Keep a place, not the data.`;
}
