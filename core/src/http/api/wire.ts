// Small turns between the hub's terms and the API's: times, masked words, found profiles.
import type { Hub } from '../hub-reads.ts';
import type { ApiKeyView } from '../key-store.ts';
import { may } from '../roles.ts';
import { ApiProblem } from './problem.ts';

export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** undefined also for moments that never come. */
export function optionalTime(milliseconds: number | undefined): string | undefined {
  return milliseconds !== undefined && Number.isFinite(milliseconds)
    ? time(milliseconds)
    : undefined;
}

interface TimeSpan {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** A span of ISO times in milliseconds. */
export function spanOf({ since, until }: TimeSpan): {
  readonly since?: number;
  readonly until?: number;
} {
  return {
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(until !== undefined && { until: Date.parse(until) }),
  };
}

/** The id of the profile that this id leads to. Throws PROFILE_UNKNOWN, PROFILE_AMBIGUOUS. */
export async function findProfile(hub: Hub, id: string): Promise<string> {
  const found = await hub.profiles.findById(id);
  switch (found.kind) {
    case 'found':
      return found.profileId;
    case 'ambiguous':
      throw ambiguous(found.candidates);
    case 'contact':
    case 'unknown':
      throw unknownProfile();
  }
}

export function unknownProfile(): ApiProblem {
  const detail = 'Nobody is known by this. Look her up by another identifier.';
  return new ApiProblem('PROFILE_UNKNOWN', { detail });
}

export function ambiguous(candidates: readonly string[]): ApiProblem {
  const detail = `It stood for identifiers that belong to ${candidates.length} profiles now. Choose one of the candidates.`;
  return new ApiProblem('PROFILE_AMBIGUOUS', { detail, members: { candidates } });
}

const address = /[^\s"'<>(),;:]+@[^\s"'<>(),;:]+/g;
const digits = /\+?\d[\d\s()./-]{5,}\d/g;

/**
 * Messages may quote what a source sent or a vendor answered. Who may not read people's data sees
 * them without what looks like an address or a number of one, or stands in quotes.
 */
export function wordsFor(key: ApiKeyView, message: string): string {
  if (may(key.role, 'people.read')) return message;
  return message
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(address, '…')
    .replaceAll(digits, '…');
}

/** The page's items, and where the next one begins if this one is full. */
export function page<Item, Next>(
  items: readonly Item[],
  limit: number,
  nextOf: (last: Item) => Next,
): { readonly next?: Next } {
  const last = items.at(-1);
  return last !== undefined && items.length >= limit ? { next: nextOf(last) } : {};
}
