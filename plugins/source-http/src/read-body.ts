// The bounds of this protocol's bodies: one JSON object of at most what the protocol allows.
import {
  bodyNotJson,
  isJsonObject,
  readJsonBody,
  type BodyProblem,
  type JsonObject,
} from '@tributary/sdk';

/** 500 KB per batch request in the protocol. */
export const maxBodyBytes = 512_000;

export type ReadBody = { readonly body: JsonObject } | { readonly problem: BodyProblem };

export async function readBody(raw: Uint8Array, encoding: string | undefined): Promise<ReadBody> {
  const read = await readJsonBody(raw, encoding, { maxBytes: maxBodyBytes });
  if ('problem' in read) return read;
  const { body } = read;
  if (isJsonObject(body)) return { body };
  return { problem: bodyNotJson(raw.byteLength, 'one JSON object in UTF-8') };
}
