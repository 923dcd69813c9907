// The mapping outside a hub: a preview of one message, and the tests that the settings carry.
import {
  isJsonObject,
  readJsonBody,
  type JsonValue,
  type SettingsTest,
  type SourcePreview,
  type SourceSample,
} from '@tributary/sdk';
import { maxBodyBytes } from './handle.ts';
import { createMessageMapper, type Mapped, type MessageMapper } from './map-message.ts';
import { messageOf } from './message.ts';
import type { Settings } from './settings.ts';

export async function previewMessage(
  settings: Settings,
  { body, headers = {}, path = '/' }: SourceSample,
): Promise<SourcePreview> {
  const read = await readJsonBody(body, headers['content-encoding'], { maxBytes: maxBodyBytes });
  if ('problem' in read) return { records: [], problems: [read.problem.message] };
  const { body: value } = read;
  return withMapper(settings, async (mapper) => {
    const mapped = await mapSample(mapper, settings, { value, bytes: body, headers, path });
    return 'records' in mapped
      ? { records: mapped.records, problems: [] }
      : { records: [], problems: [mapped.problem.message] };
  });
}

export async function runTests(settings: Settings): Promise<SettingsTest[]> {
  const { tests = [] } = settings;
  return withMapper(settings, async (mapper) => {
    const results: SettingsTest[] = [];
    for (const [index, test] of tests.entries()) {
      const { title, headers = {}, path = '/', out } = test;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- config holds nothing but JSON
      const value = (test.in ?? null) as JsonValue;
      const bytes = Buffer.from(JSON.stringify(value));
      const mapped = await mapSample(mapper, settings, { value, bytes, headers, path });
      const found = describeDifference(mapped, out);
      results.push({ title, path: `/tests/${index}`, ...(found ? { problem: found } : {}) });
    }
    return results;
  });
}

async function withMapper<Result>(
  settings: Settings,
  work: (mapper: MessageMapper) => Promise<Result>,
): Promise<Result> {
  const mapper = createMessageMapper(settings);
  try {
    return await work(mapper);
  } finally {
    await mapper.close();
  }
}

interface Sample {
  readonly value: JsonValue;
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
}

async function mapSample(
  mapper: MessageMapper,
  settings: Settings,
  { value, bytes, headers, path }: Sample,
): Promise<Mapped> {
  const { pathname, searchParams } = new URL(path, 'http://hub.example');
  const request = { headers, query: searchParams, path: pathname, rawBody: bytes };
  return mapper.map(messageOf(value, request, settings));
}

function describeDifference(mapped: Mapped, expected: readonly unknown[]): string | undefined {
  if ('problem' in mapped) return mapped.problem.message;
  const { records } = mapped;
  if (records.length !== expected.length) {
    return `found ${records.length} records (${show(records)}), expected ${expected.length}`;
  }
  return records
    .map((record, index) => differenceAt(record, expected[index], `out[${index}]`))
    .find((difference) => difference !== undefined);
}

/** Members that the test does not name may be anything. */
function differenceAt(found: unknown, expected: unknown, where: string): string | undefined {
  if (isJsonObject(expected) && isJsonObject(found)) {
    return Object.entries(expected)
      .map(([key, value]) => differenceAt(found[key], value, `${where}.${key}`))
      .find((difference) => difference !== undefined);
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    return expected
      .map((item, index) => differenceAt(found[index], item, `${where}[${index}]`))
      .find((difference) => difference !== undefined);
  }
  if (found === expected) return undefined;
  return `${where}: found ${show(found)}, expected ${show(expected)}`;
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
