// Is a record one that the hub can take? In the plugin author's words.
import { findUnstorableText, measureJson } from '../measure-json.ts';
import { normaliseTime } from '../normalise-time.ts';
import { recordTypes, trustLevels, type SourceRecord } from '../record.ts';
import { show } from './violation.ts';

const longestMessageId = 200;
/** Wider than any vendor's record, narrower than what would hurt. */
const bounds = { maxDepth: 32, maxBytes: 1024 * 1024 };

/** What is wrong with a record, else nothing. */
export function describeRecordProblem(record: SourceRecord): string | undefined {
  if (!recordTypes.includes(record.type)) return `its type is ${show(record.type)}`;
  return (
    identifierProblem(record) ??
    timeProblem(record) ??
    fieldProblem(record) ??
    trustProblem(record) ??
    jsonProblem(record)
  );
}

function identifierProblem({ identifiers }: SourceRecord): string | undefined {
  if (identifiers.length === 0) return 'it names no identifier';
  const empty = identifiers.find(({ namespace, value }) => namespace === '' || value === '');
  return empty && `an identifier has no namespace or no value: ${JSON.stringify(empty)}`;
}

function timeProblem({ timestamp, sentAt }: SourceRecord): string | undefined {
  const wrong = [timestamp, sentAt].find(
    (time) => time !== undefined && normaliseTime(time) === undefined,
  );
  return wrong === undefined ? undefined : `${String(wrong)} is no time`;
}

function fieldProblem(record: SourceRecord): string | undefined {
  if (record.messageId !== undefined) {
    const { length } = record.messageId;
    if (length === 0 || length > longestMessageId) return `its messageId has ${length} characters`;
  }
  if (record.type === 'track' && record.event === '') return 'its event has no name';
  if (record.type === 'group' && record.groupId === '') return 'its group has no id';
  if (record.type === 'consent' && record.consents.length === 0)
    return 'it says nothing of consent';
  return undefined;
}

function trustProblem({ trust, probability }: SourceRecord): string | undefined {
  if (trust !== undefined && !trustLevels.includes(trust)) return `its trust is ${trust}`;
  if (trust !== 'inferred') return undefined;
  const isProbable = probability !== undefined && probability > 0 && probability < 1;
  return isProbable ? undefined : 'it is inferred without a probability between 0 and 1';
}

function jsonProblem(record: SourceRecord): string | undefined {
  const measure = measureJson(record, bounds);
  if (!measure.ok) return `as JSON it is ${measure.reason}`;
  const unstorable = findUnstorableText(record);
  return unstorable && `the text at ${unstorable.path} cannot be stored (${unstorable.problem})`;
}
