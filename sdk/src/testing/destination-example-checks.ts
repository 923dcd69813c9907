// The examples are fixture, test and documentation at once: what goes in, what the vendor sees.
import { isDeepStrictEqual } from 'node:util';
import type { ContractCheck } from './contract-check.ts';
import type { DestinationExample, ExpectedRequest } from './destination-cases.ts';
import { isOneOf } from './destination-verdict.ts';
import type { VendorRequest } from './loopback-vendor.ts';
import { requireNoStrangers } from './only-to.ts';
import { playDestination, type DestinationStage, type Play } from './play-destination.ts';
import { requireThat, show, violate } from './violation.ts';

export function destinationExampleChecks(stage: DestinationStage): ContractCheck[] {
  return stage.cases.examples.map((example) => ({
    name: `example: ${example.title}`,
    async run() {
      const play = await playDestination(stage, { input: example.in });
      requireNoStrangers(play.strangers);
      if (play.thrown !== undefined) violate(`it threw ${show(play.thrown)}`);
      checkRequests(example.out.requests, play.requests);
      checkOutcomes(example, play);
    },
  }));
}

function checkOutcomes(example: DestinationExample, play: Play): void {
  const expected = new Map(
    example.out.outcomes?.map(({ handle, outcome }) => [handle, outcome.kind]),
  );
  for (const [handle, verdict] of play.verdicts) {
    if (isOneOf(verdict, 'accepted')) violate(`the job of ${show(handle)} never ended`);
    const kind = example.out.outcomes ? expected.get(handle) : 'delivered';
    requireThat(
      verdict.kind === kind,
      () => `the outcome of ${show(handle)} is ${show(verdict)}, the example says ${show(kind)}`,
    );
  }
}

/** In any order: requests of one call may be made at the same time. */
function checkRequests(
  expected: readonly ExpectedRequest[],
  found: readonly VendorRequest[],
): void {
  const rest = [...found];
  for (const request of expected) {
    const place = rest.findIndex((candidate) => difference(request, candidate) === undefined);
    if (place >= 0) rest.splice(place, 1);
    else violate(`${picture(request)} was not made; ${nearest(request, rest)}`);
  }
  const [extra] = rest;
  if (extra)
    violate(`one request too many: ${extra.method} ${extra.path} ${extra.text.slice(0, 500)}`);
}

function nearest(expected: ExpectedRequest, found: readonly VendorRequest[]): string {
  const same = found.filter(
    ({ method, path }) => method === expected.method && path === expected.path,
  );
  const closest = same[0] ?? found[0];
  return closest === undefined
    ? 'there was no other'
    : `in ${closest.method} ${closest.path} ${difference(expected, closest) ?? ''}`;
}

function picture({ method, path }: ExpectedRequest): string {
  return `${method} ${path}`;
}

function difference(expected: ExpectedRequest, found: VendorRequest): string | undefined {
  if (expected.method !== found.method) return `the method is ${found.method}`;
  if (expected.path !== found.path) return `the path is ${found.path}`;
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const header = found.headers[name.toLowerCase()];
    if (header !== value) return `the header ${name} is ${show(header)}, expected ${show(value)}`;
  }
  return bodyDifference(expected.body, found.text);
}

function bodyDifference(expected: unknown, text: string): string | undefined {
  if (expected === undefined) return undefined;
  const found = typeof expected === 'string' ? text : readJson(text);
  if (isDeepStrictEqual(found, expected)) return undefined;
  return `the body is ${show(found)}, expected ${show(expected)}`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
