// The problem that something asked for by its name or number is not there: which, and what there is.
import { nearest } from '../../config/nearest.ts';
import { ApiProblem, type ProblemCode } from './problem.ts';

const mostNamed = 20;
const longestQuoted = 60;

/** @param known all that could have been named. */
export function unknownName(
  code: ProblemCode,
  asked: string,
  known: readonly string[],
): ApiProblem {
  const meant = nearest(asked, known);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  const found = JSON.stringify(asked.slice(0, longestQuoted));
  return new ApiProblem(code, { detail: `Found ${found}, expected ${oneOf(known)}.${hint}` });
}

function oneOf(known: readonly string[]): string {
  if (known.length === 0) return 'none, for config has none';
  const named = known.slice(0, mostNamed).join(', ');
  const more = known.length - mostNamed;
  return `one of ${named}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Throws unless all of them are there.
 * @param listed the command that shows those there are.
 */
export function checkNumbers(
  code: ProblemCode,
  asked: readonly number[] | undefined,
  found: readonly { readonly id: number }[],
  listed: string,
): void {
  const there = new Set(found.map(({ id }) => id));
  const missing = [...new Set(asked)].filter((id) => !there.has(id));
  if (missing.length === 0) return;
  throw unknownNumber(code, missing, listed, ' Nothing was changed.');
}

export function unknownNumber(
  code: ProblemCode,
  missing: readonly number[],
  listed: string,
  also = '',
): ApiProblem {
  const named = missing.slice(0, mostNamed).join(', ');
  const detail = `Found none with the id ${named}, expected ids that \`${listed}\` shows.${also}`;
  return new ApiProblem(code, { detail });
}
