// Who asks for an erasure, as its delete records carry it.
import { randomUUID } from 'node:crypto';
import { isJsonObject, type JsonObject } from '@tributary/sdk';

/** Who asks: a person by the API, the journal after a restore, or the age of what is known. */
export type AskingOrigin = 'api' | 'journal' | 'retention';

export interface Asking {
  /** False: more records of the same request follow. */
  readonly isLast: boolean;
  readonly id: string;
  readonly actor: string;
  readonly origin: AskingOrigin;
}

export function newAsking(actor: string): Asking {
  return { id: randomUUID(), actor, origin: 'api', isLast: true };
}

/** Which request a delete record of the hub's own belongs to. */
export function askingOf(context: JsonObject): Asking | undefined {
  const { privacy } = context;
  if (!isJsonObject(privacy)) return undefined;
  const { request, actor, origin, last } = privacy;
  if (typeof request !== 'string' || typeof actor !== 'string') return undefined;
  const known = origin === 'journal' || origin === 'retention' ? origin : 'api';
  return { id: request, actor, origin: known, isLast: last === true };
}
