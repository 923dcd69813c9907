// JSONata as a mapping language: pure, so that a message that is sent twice gives the same records twice.
// Why JSONata: docs/decisions.
import jsonata from 'jsonata';

export interface ExpressionProblem {
  /** In UTF-16 units from 0. */
  readonly offset: number;
  /** `line 2, column 5: …` */
  readonly message: string;
}

/** Read the clock or dice, or make code out of data: then the same message could give other records. */
const impure = new Map([
  ['now', 'left out: a record without a timestamp happened when it was received'],
  ['millis', 'left out: a record without a timestamp happened when it was received'],
  ['random', 'taken from the message'],
  ['shuffle', 'taken in the order of the message'],
  ['eval', 'written out: what comes in a message is data'],
]);

/** What is wrong with an expression, else nothing. Compiles it and runs nothing. */
export function findExpressionProblem(text: string): ExpressionProblem | undefined {
  try {
    return findImpure(jsonata(text).ast(), text);
  } catch (error) {
    const offset = Math.max(0, offsetOf(error, text));
    const reason = error instanceof Error ? error.message : fieldOf(error, 'message');
    return place(text, offset, String(reason));
  }
}

function findImpure(ast: unknown, text: string): ExpressionProblem | undefined {
  const queue: unknown[] = [ast];
  const seen = new Set<unknown>();
  while (queue.length > 0) {
    const node = queue.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const value = fieldOf(node, 'value');
    if (fieldOf(node, 'type') === 'variable' && typeof value === 'string' && impure.has(value)) {
      const offset = Math.max(0, offsetOf(node, text) - value.length - 1);
      return place(text, offset, `found $${value}, expected it ${impure.get(value) ?? ''}`);
    }
    const members: unknown[] = Object.values(node);
    queue.push(...members);
  }
  return undefined;
}

function place(text: string, offset: number, message: string): ExpressionProblem {
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { offset, message: `line ${before.length}, column ${column}: ${message}` };
}

/** JSONata counts to the end of the token. */
function offsetOf(error: unknown, text: string): number {
  const position = fieldOf(error, 'position');
  const token = fieldOf(error, 'token');
  const end = typeof position === 'number' ? position : text.length;
  const isThere = typeof token === 'string' && text.slice(0, end).endsWith(token);
  return Math.min(isThere ? end - token.length : end, text.length);
}

/** Where and why an evaluation failed, without a value of the message. */
export function describeFailure(error: unknown, text: string): string {
  const code = fieldOf(error, 'code');
  if (typeof code !== 'string') return 'it failed';
  const reason = fieldOf(error, 'message');
  // Errors of types are JSONata's own words; others may be those of the message.
  const isPlain = code.startsWith('T') && typeof reason === 'string' && !quotes(reason, error);
  const known = overruns.get(code) ?? (isPlain ? reason : 'see the reference of JSONata');
  return place(text, offsetOf(error, text), `${code}, ${known}`).message;
}

/** Does the sentence hold what was in the message? */
function quotes(reason: string, error: unknown): boolean {
  return [fieldOf(error, 'value'), fieldOf(error, 'value2')].some(
    (value) => value !== undefined && reason.includes(JSON.stringify(value) ?? 'undefined'),
  );
}

/** The values of these are our own bounds. */
const overruns = new Map([
  ['D1011', 'it calls itself too deeply'],
  ['D1012', 'it takes too long'],
  ['D2014', 'it makes too long a list'],
  ['D2015', 'it makes too long a list'],
  ['D3137', 'it says $error'],
  ['D3141', 'it says $assert'],
]);

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
}
