// A log that keeps what it is told, and knows a secret when it sees one.
import type { LogFields, PluginLogger } from '../context.ts';
import { redactSecrets } from '../redact.ts';
import { ContractViolation, show } from './violation.ts';

/** A line as the plugin wrote it; nothing is redacted. */
export interface TestLogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps every line, the oldest first. */
export interface TestLog extends PluginLogger {
  readonly lines: readonly TestLogLine[];
}

/** @param onSecret `throw` (default): a line with a secret throws in the plugin; `keep`: it is kept. */
export function createTestLog(
  secrets: readonly string[] = [],
  onSecret: 'throw' | 'keep' = 'throw',
): TestLog {
  const lines: TestLogLine[] = [];
  const write =
    (level: TestLogLine['level']) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
      if (onSecret === 'throw' && holdsSecret([message, fields], secrets)) {
        throw new ContractViolation(
          `a secret was logged: ${level} ${redactSecrets(message, secrets)}`,
        );
      }
    };
  return {
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

/** True where the value, written out, holds a secret in any of the forms that secrets travel in. */
export function holdsSecret(value: unknown, secrets: readonly string[]): boolean {
  const text = writeOut(value, 0);
  return redactSecrets(text, secrets) !== text;
}

const deepest = 8;

// Errors hold more than JSON shows: message, stack, causes, fields of their own.
function writeOut(value: unknown, depth: number): string {
  if (depth > deepest || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return show(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  const names = new Set([...Object.keys(value), ...(value instanceof Error ? errorFields : [])]);
  return [...names]
    .map((name) => `${name}\n${writeOut(Reflect.get(value, name), depth + 1)}`)
    .join('\n');
}
const errorFields = ['message', 'stack', 'cause', 'errors'];
