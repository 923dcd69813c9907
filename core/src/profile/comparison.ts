// How a trait, a property or a measure is compared in rules. A missing value, null included, meets no
// comparison but `exists: false`; a value of another type than the comparison's meets none.

export type Comparison =
  /** Equal as JSON scalars: 1 is not "1". */
  | { readonly kind: 'is'; readonly value: string | number | boolean }
  | { readonly kind: 'in'; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'exists'; readonly value: boolean }
  /** Numbers, compared as exact decimals. Either bound may be missing. */
  | {
      readonly kind: 'number';
      readonly atLeast?: number;
      readonly above?: number;
      readonly atMost?: number;
      readonly below?: number;
    }
  /** Text contains or starts with (exact code points). */
  | { readonly kind: 'contains' | 'startsWith'; readonly value: string }
  /** A list holds this scalar. */
  | { readonly kind: 'includes'; readonly value: string | number | boolean }
  /** A time (`timePattern`) past or short of fixed moments, milliseconds since 1970. */
  | { readonly kind: 'time'; readonly after?: number; readonly before?: number }
  /** A time against now: `olderThan`: a ≤ t − ms; `newerThan`: t − ms < a. */
  | { readonly kind: 'age'; readonly olderThanMs?: number; readonly newerThanMs?: number };
