// From what an operator decides to a row of the log, or to the reason why not. Pure but for the keys.
import { internalSource } from '../sources/internal-source.ts';
import type { DecisionRecord } from '../standardise/decision-record.ts';
import { encodePayload } from '../standardise/payload-codec.ts';
import { standardiseDecision } from '../standardise/standardise-decision.ts';
import type { CheckedRecord, RecordChecks } from './check-record.ts';
import { rememberStandard } from './just-committed.ts';

export function checkDecision(
  decision: DecisionRecord,
  receivedAt: number,
  { keys, settings }: Pick<RecordChecks, 'keys' | 'settings'>,
): CheckedRecord {
  const messageHash = keys.messageHash(internalSource.id, decision.messageId);
  const header = {
    number: 0,
    source: internalSource.id,
    messageHash,
    receivedAt,
    at: receivedAt,
    historical: false,
  };
  const standard = standardiseDecision(header, decision, settings, keys);
  if ('problem' in standard) return standard;
  const { keyId, bytes } = encodePayload(decision);
  rememberStandard(bytes, standard.record, settings);
  return {
    row: {
      ...header,
      seenHash: keys.seenHash(messageHash),
      type: decision.type,
      subjectHash: null,
      keyId,
      payload: bytes,
      stops: [],
      named: standard.record.identifiers.map(({ hash }) => hash),
      mayReturn: false,
    },
  };
}
