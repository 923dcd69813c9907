// Whose a device is at each time: the person of its last login at or before then, else of its first
// login after. Devices join nobody, so a shared one changes hands and never merges its users.
import { compareNamed } from './canonical-order.ts';
import type { TrustRank } from '../standardise/standard-record.ts';

export interface Login {
  readonly at: number;
  readonly trust: TrustRank;
  readonly personId: number;
  readonly namespace: string;
  readonly value: string;
}

/** From inclusive (-Infinity for the first), to exclusive (Infinity for the last). */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly personId: number;
}

/** Negative where the first is earlier or, at the same time, the one that counts. */
export type LoginOrder = (left: Login, right: Login) => number;

export const compareLogins: LoginOrder = (left, right) =>
  left.at - right.at || left.trust - right.trust || compareNamed(left, right);

/** The spans of one device, in order, covering all time; [] without any login. */
export function deviceSpans(logins: readonly Login[], order: LoginOrder = compareLogins): Span[] {
  const spans: Span[] = [];
  let last: Login | undefined;
  for (const login of logins.toSorted(order)) {
    const isBeaten = last?.at === login.at;
    last = isBeaten ? last : login;
    if (isBeaten || spans.at(-1)?.personId === login.personId) continue;
    const from = spans.length === 0 ? Number.NEGATIVE_INFINITY : login.at;
    endLast(spans, login.at);
    spans.push({ from, to: Number.POSITIVE_INFINITY, personId: login.personId });
  }
  return spans;
}

function endLast(spans: Span[], to: number): void {
  const last = spans.pop();
  if (last !== undefined) spans.push({ ...last, to });
}

/**
 * The spans after those of [from, to) were computed anew. `old` are the stored ones that overlap
 * that stretch or begin at its end, `fresh` what its logins give; all are in order.
 */
export function replaceSpans(
  old: readonly Span[],
  fresh: readonly Span[],
  from: number,
  to: number,
): Span[] {
  const pieces = [
    ...clip(old, Number.NEGATIVE_INFINITY, from),
    ...clip(fresh, from, to),
    ...clip(old, to, Number.POSITIVE_INFINITY),
  ];
  const joined: Span[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.personId === piece.personId) joined.splice(-1, 1, { ...last, to: piece.to });
    else joined.push(piece);
  }
  return joined;
}

function clip(spans: readonly Span[], from: number, to: number): Span[] {
  return spans
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.from < span.to);
}

/** Who owns it at a time, by spans in order that cover it. */
export function ownerAt(spans: readonly Span[], at: number): number | undefined {
  return spans.findLast((span) => span.from <= at)?.personId;
}
