// The vendor's word on a job that changes contacts, and the file in which it says what went wrong.
import { isJsonObject, isPluginError } from '@tributary/sdk';
import { unknownShape, withoutAddresses, type SendgridClient } from './client.ts';
import type { SendgridCall } from './connection.ts';
import { mentions } from './put-contacts.ts';
import { baseUrlOf } from './settings.ts';

export type ImportStatus = 'pending' | 'completed' | 'errored' | 'failed';
export interface Import {
  /** `gone`: the vendor does not know the job (any more). */
  readonly status: ImportStatus | 'gone';
  /** By the vendor's clock; NaN where it is not said. */
  readonly startedAt: number;
  readonly errorsUrl: string | undefined;
}

export async function readImport(
  client: SendgridClient,
  id: string,
  signal: AbortSignal,
): Promise<Import> {
  const path = `/v3/marketing/contacts/imports/${encodeURIComponent(id)}`;
  const answer = await client.ask({ method: 'GET', path }, signal);
  if (!answer.taken) return { status: 'gone', startedAt: Number.NaN, errorsUrl: undefined };
  const body = isJsonObject(answer.body) ? answer.body : {};
  const { status, started_at: startedAt, results } = body;
  if (!isStatus(status)) throw unknownShape(answer.status, 'a status');
  const url = isJsonObject(results) ? results['errors_url'] : undefined;
  return {
    status,
    startedAt: typeof startedAt === 'string' ? Date.parse(startedAt) : Number.NaN,
    errorsUrl: typeof url === 'string' ? url : undefined,
  };
}

function isStatus(value: unknown): value is ImportStatus {
  return value === 'pending' || value === 'completed' || value === 'errored' || value === 'failed';
}

/** What the vendor's file says about an address; undefined where it says nothing about it. */
export type ErrorWords = (email: string) => string | undefined;

const mostErrorBytes = 8 * 1024 * 1024;

/** Undefined where there is no file or it cannot be read: the contacts themselves must tell then. */
export async function loadErrorWords(
  { fetch, settings, signal }: SendgridCall,
  url: string | undefined,
): Promise<ErrorWords | undefined> {
  if (url === undefined || !URL.canParse(url)) return undefined;
  // The vendor names the place: it must be a public one, or the configured vendor's own.
  const guard = { allow: [new URL(baseUrlOf(settings)).hostname] };
  try {
    const response = await fetch(url, { signal, guard, maxAnswerBytes: mostErrorBytes });
    if (!response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    const lines = (await response.text()).split(/\r?\n/);
    return (email) => {
      const line = lines.find((candidate) => mentions(candidate, email));
      return line === undefined ? undefined : readWords(line);
    };
  } catch (error) {
    if (isPluginError(error)) return undefined;
    throw error;
  }
}

/** The file's columns are not specified: what is left of the line without the address are the words. */
function readWords(line: string): string {
  const words = withoutAddresses(line)
    .replaceAll('[address]', '')
    .replaceAll(/^[\s,;"]+|[\s,;"]+$/g, '');
  return words.slice(0, 500) || 'SendGrid lists this contact among the errors of its job';
}
