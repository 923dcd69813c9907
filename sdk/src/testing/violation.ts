// What a plugin did wrong, in words for whoever wrote it.

/** What a check rejects with where the plugin breaks the contract; the message says what was found. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

/** Fails the check: what was found, what the contract asks for. */
export function violate(message: string): never {
  throw new ContractViolation(message);
}

/** Fails the check unless the condition holds. */
export function requireThat(condition: boolean, message: string | (() => string)): void {
  if (!condition) violate(typeof message === 'string' ? message : message());
}

/** A short picture of a value for a message. */
export function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`.slice(0, 300);
  const text = typeof value === 'string' ? JSON.stringify(value) : writeJson(value);
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}

function writeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
