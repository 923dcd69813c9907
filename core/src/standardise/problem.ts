// Why a record cannot become an event. It is kept in quarantine under this code.

export interface RecordProblem {
  readonly code: RecordProblemCode;
  readonly message: string;
}

export const recordProblemCodes = [
  'RECORD_INVALID',
  'RECORD_TOO_LARGE',
  'RECORD_TOO_DEEP',
  'RECORD_UNSTORABLE',
  'RECORD_TIME_UNREADABLE',
  'RECORD_NO_IDENTIFIER',
  'RECORD_TOO_MANY_IDENTIFIERS',
  'RECORD_TOO_MANY_TRAITS',
  'RECORD_UNKNOWN_NAMESPACE',
  'RECORD_UNKNOWN_PURPOSE',
  'RECORD_NOT_PLANNED',
  'RECORD_UNDECIDABLE',
  'RECORD_UNREADABLE',
  'RESOLVE_FAILED',
] as const;
export type RecordProblemCode = (typeof recordProblemCodes)[number];

export function recordProblem(
  code: RecordProblemCode,
  where: string,
  found: string,
  remedy: string,
): RecordProblem {
  return { code, message: `${code}: ${where}: ${found}. ${remedy}` };
}
