// Words of a plugin or its vendor, as they may be kept: the store refuses NUL and half a surrogate
// pair, which a cut through an emoji leaves, and an outcome that is refused could never be written.

/** Enough to see what a vendor complains about; a page of HTML is not kept. */
const longestWords = 1_000;

/** What a vendor calls a person or a job is kept; a page of HTML is neither. */
const longestName = 2_000;

/** `redact` takes secrets out, before a cut could leave half of one. */
export function keepWords(words: string, redact: (words: string) => string): string {
  return cut(redact(words), longestWords);
}

export function cut(words: string, longest: number): string {
  return words.slice(0, longest).toWellFormed().replaceAll('\0', '\u{fffd}');
}

/** As it is or not at all: another name would name something else. */
export function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= longestName && isStorable(value)
    ? value
    : undefined;
}

export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
