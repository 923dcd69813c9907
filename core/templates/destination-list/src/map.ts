// The hub's words → Acme's, and Acme's answer → outcomes.
import { isJsonObject, type JsonObject, type MemberDelivery, type Outcome } from '@tributary/sdk';

export function toMember({ key, traits }: MemberDelivery): JsonObject {
  return { email: key, fields: traits };
}

/** Acme's word on each address. An answer that cannot be read says nothing on anybody. */
export function readResults(text: string): ReadonlyMap<unknown, JsonObject> {
  const answer = parse(text);
  const results = isJsonObject(answer) ? answer['results'] : undefined;
  const rows = Array.isArray(results) ? results.filter(isJsonObject) : [];
  return new Map(rows.map((row) => [row['email'], row]));
}

export function toOutcome(result: JsonObject | undefined): Outcome {
  if (result?.['ok'] === true) return { kind: 'delivered' };
  if (result?.['ok'] === false) {
    const { reason } = result;
    return { kind: 'rejected', reason: typeof reason === 'string' ? reason : 'no reason given' };
  }
  return { kind: 'in_doubt', reason: 'the answer does not mention this address' };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
