// One message → its records, checked. All of them or none: what a wrong mapping makes is of no use, and
// the message it was made from can be mapped again once the mapping is right.
import { createHash } from 'node:crypto';
import {
  createRecordValidator,
  parseDuration,
  saysNo,
  type JsonValue,
  type SourceRecord,
} from '@tributary/sdk';
import { createMapper } from './mapper.ts';
import { presets } from './presets.ts';
import type { Settings } from './settings.ts';

/** A message as the mapping sees it. */
export interface Message {
  readonly body: JsonValue;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly path: string;
  /** Of the bytes that came in. */
  readonly bodyHash: string;
}

export type Mapped =
  | { readonly records: readonly SourceRecord[] }
  | {
      readonly problem: {
        readonly code: ProblemCode;
        readonly message: string;
      };
    };

/** Busy: it was not come to, and is to come again. */
type ProblemCode = 'MAPPING_FAILED' | 'MAPPING_RESULT_INVALID' | 'MAPPING_BUSY';

export interface MessageMapper {
  /** @param signal aborts where nobody waits for the records any more. */
  map(message: Message, signal?: AbortSignal): Promise<Mapped>;
  close(): Promise<void>;
}

/** Config may ask for fewer; intake then keeps aside what has more. */
const validate = createRecordValidator({ maxIdentifiers: 1_000 });
const longestId = 200;

export function createMessageMapper(settings: Settings): MessageMapper {
  const { limits = {}, verify, mapping } = settings;
  const preset = verify.preset === 'standard-webhooks' ? undefined : verify.preset;
  const mapper = createMapper({
    mapping,
    messageId: settings.messageId ?? (preset && presets[preset].messageId),
    timeMs: timeMsOf(settings),
    outputBytes: limits.outputBytes ?? 1_048_576,
  });
  const signedId = verify.preset === 'standard-webhooks' ? 'webhook-id' : undefined;
  return {
    async map(message, signal) {
      const { body, headers, query, path, bodyHash } = message;
      const bindings = { headers, query, path, bodyHash };
      const reply = await mapper.map({ body, bindings }, signal);
      if ('busy' in reply) {
        return problem('MAPPING_BUSY', `mapping: ${reply.busy}`, 'Send it again later.');
      }
      if ('problem' in reply) {
        return problem('MAPPING_FAILED', reply.problem, 'Mend the mapping and replay.');
      }
      const own = reply.id || (signedId && headers[signedId]);
      return readResult(reply.json, { own, bodyHash, mostRecords: limits.records ?? 1_000 });
    },
    close: () => mapper.close(),
  };
}

/** So long one message may be mapped. */
export function timeMsOf({ limits }: Pick<Settings, 'limits'>): number {
  return parseDuration(limits?.time ?? '1s') ?? 1_000;
}

interface ResultOf {
  /** Of the message, as its sender or the mapping says it. */
  readonly own: string | undefined;
  readonly bodyHash: string;
  readonly mostRecords: number;
}

function readResult(json: string, { own, bodyHash, mostRecords }: ResultOf): Mapped {
  const result: unknown = JSON.parse(json);
  const given: readonly unknown[] = Array.isArray(result)
    ? result
    : result === null
      ? []
      : [result];
  if (given.length > mostRecords) {
    return invalid(`${given.length} records, at most ${mostRecords} were expected`);
  }
  const id = own || bodyHash;
  return toRecords(given, id.length > longestId - 8 ? sha256(id) : id, !own);
}

/** @param isContent the id is that of the body: the same words later are another no, and the hub tells them apart. */
function toRecords(given: readonly unknown[], id: string, isContent: boolean): Mapped {
  const records: SourceRecord[] = [];
  for (const [index, item] of given.entries()) {
    const shape = validate(item);
    if ('errors' in shape) return invalid(`record ${index}: ${shape.errors}`);
    const { record } = shape;
    const messageId = given.length === 1 ? id : `${id}:${index}`;
    const mayBeAnother =
      isContent && record.messageId === undefined && record.timestamp === undefined;
    if (mayBeAnother && saysNo(record)) records.push(record);
    else if (mayBeAnother && mayDeny(record))
      records.push({ ...record, messageId, isContentId: true });
    else records.push({ messageId, ...record });
  }
  return { records };
}

/** In words of its own, or by what the hub reads out of a context. */
function mayDeny({ consents = [], context = {} }: SourceRecord): boolean {
  const isTold = context['consent'] !== undefined || context['gpc'] !== undefined;
  return isTold || consents.some(({ status }) => status !== 'granted');
}

function invalid(found: string): Mapped {
  return problem('MAPPING_RESULT_INVALID', found, 'Mend the mapping and replay.');
}

function problem(code: ProblemCode, found: string, remedy: string): Mapped {
  return { problem: { code, message: `${code}: ${found}. ${remedy}` } };
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
