// The hub's words → Acme's, and Acme's answer → what is known.
import { isJsonObject, type ActionDelivery, type JsonObject } from '@tributary/sdk';

export function toMessage({ key, traits, parameters }: ActionDelivery): JsonObject {
  return { to: key, template: parameters['template'] ?? null, fields: traits };
}

export function isTaken(text: string): boolean {
  try {
    const answer: unknown = JSON.parse(text);
    return isJsonObject(answer) && answer['status'] === 'queued';
  } catch {
    return false;
  }
}
