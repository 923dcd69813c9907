// What a plugin makes of a vendor in trouble. Each fault begins at each of the requests that a call
// makes, and lasts: the hub decides when to try again, so a retry of the plugin's own helps nothing.
import { skipCheck, type ContractCheck } from './contract-check.ts';
import type { DestinationInput } from './destination-cases.ts';
import { fullestInputs, singleInputs } from './destination-inputs.ts';
import { isOneOf, type Verdict } from './destination-verdict.ts';
import type { VendorReaction, VendorRequest } from './loopback-vendor.ts';
import {
  playDestination,
  type DestinationStage,
  type Play,
  type PlayOptions,
} from './play-destination.ts';
import { requireThat, show, violate } from './violation.ts';

interface Fault {
  readonly name: string;
  /** In words, for a message. */
  readonly happens: string;
  react(now: number): VendorReaction;
  readonly options?: Partial<PlayOptions>;
  /** Throws where the verdict is wrong. `changes`: the request at fault may have changed something. */
  judge(verdict: Verdict, changes: boolean): void;
}

export function destinationFaultChecks(stage: DestinationStage): ContractCheck[] {
  const inputs = singleInputs(stage.cases);
  return [
    ...(stage.cases.vendor.statusAlone === true
      ? [
          skipCheck(
            'does not take an answer it cannot read for a delivery',
            'the status is all there is',
          ),
        ]
      : []),
    ...faultsOf(stage).flatMap((fault) =>
      inputs.map(({ name, input }) => ({
        name: `${name}: ${fault.name}`,
        run: async (): Promise<void> => checkFault(stage, input, fault),
      })),
    ),
    ...fullestInputs(stage.cases).map(({ name, input }) => ({
      name: `${name}: blames nobody for a wait that is asked for half-way`,
      run: async (): Promise<void> => checkHalfWay(stage, input),
    })),
    ...inputs.flatMap(({ name, input }) => [
      {
        name: `${name}: tries again where nothing was reached`,
        run: async (): Promise<void> => checkDown(stage, input),
      },
      {
        name: `${name}: leaves trying again to the hub`,
        run: async (): Promise<void> => checkRetries(stage, input),
      },
      {
        name: `${name}: stops when it is told to`,
        run: async (): Promise<void> => checkAbort(stage, input),
      },
    ]),
  ];
}

const waitMs = 120_000;

function faultsOf({ cases }: DestinationStage): Fault[] {
  const { rateLimited, unauthorised, statusAlone } = cases.vendor;
  const waits: Fault[] = rateLimited
    ? [waitFault('in its own way', (now) => rateLimited(waitMs, now))]
    : [
        waitFault('in seconds', () => tooFast(String(waitMs / 1_000))),
        waitFault('as a date', (now) => tooFast(new Date(now + waitMs).toUTCString())),
      ];
  const garbage: Fault[] = [{ body: '<html>a proxy says hello</html>' }, { json: {} }].map(
    (answer, index) => ({
      name: `does not take an answer it cannot read for a delivery (${index === 0 ? 'a page' : 'an empty object'})`,
      happens: 'answered 200 with something else',
      react: () => answer,
      judge: expectOpen,
    }),
  );
  return [
    ...waits,
    {
      name: 'pauses when its credentials are refused',
      happens: 'refused the credentials',
      react: () => unauthorised?.() ?? { status: 401, json: { error: 'unauthorised' } },
      judge: (verdict) =>
        requireThat(
          verdict.kind === 'auth' && verdict.thrown,
          'an error of kind `auth` was to be thrown',
        ),
    },
    {
      name: 'takes a redirect for no delivery',
      happens: 'answered 302',
      react: () => ({ status: 302, headers: { location: elsewhere } }),
      judge: expectNotDelivered,
    },
    ...[500, 503].map((status) => ({
      name: `keeps what a ${status} kept from arriving`,
      happens: `answered ${status}`,
      react: () => ({ status, json: { error: 'trouble' } }),
      judge: expectOpen,
    })),
    ...brokenBy(statusAlone === true).map((reaction) => ({
      name: unknownNames[reaction],
      happens: `took the request and ${reaction === 'hang' ? 'never answered' : 'broke off'}`,
      react: () => reaction,
      options: { timeoutMs: 250, abortAfterMs: 400 },
      judge: expectUnknown,
    })),
    ...(statusAlone === true ? [] : garbage),
  ];
}

/** Where the status is all there is, a cut body after it takes nothing back. */
function brokenBy(statusAlone: boolean): readonly ('hang' | 'reset' | 'cut')[] {
  return statusAlone ? ['hang', 'reset'] : ['hang', 'reset', 'cut'];
}

const elsewhere = '/the-redirect-was-followed';
const unknownNames = {
  hang: 'does not know what became of a request without an answer',
  reset: 'does not know what became of a request whose connection broke',
  cut: 'does not know what became of a request whose answer was cut',
};

function tooFast(retryAfter: string): VendorReaction {
  return { status: 429, headers: { 'retry-after': retryAfter }, json: { error: 'too fast' } };
}

/** Some of the batch have gone out when the vendor asks to wait: what is left must not be held against it. */
async function checkHalfWay(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const healthy = await playDestination(stage, { input });
  const react = (now: number): VendorReaction =>
    stage.cases.vendor.rateLimited?.(waitMs, now) ?? tooFast(String(waitMs / 1_000));
  for (let from = 1; from < healthy.callRequests; from += 1) {
    const play = await playDestination(stage, { input, fault: { from, react } });
    for (const [handle, verdict] of play.verdicts) {
      requireThat(
        isOneOf(verdict, 'delivered', 'accepted', 'filtered') || isToldToWait(verdict),
        () =>
          `from request ${from + 1} of ${healthy.callRequests} on the vendor asked for ${waitMs} ms; ${show(handle)} became ${show(verdict)}: a \`retry\` \`because\` of \`rate_limited\` was to come back (see \`outcomeOfError\`), or such an error`,
      );
    }
  }
}

function isToldToWait({ kind, because, retryAfterMs = 0 }: Verdict): boolean {
  const isLimit = kind === 'rate_limited' || (kind === 'retry' && because === 'rate_limited');
  return isLimit && Math.abs(retryAfterMs - waitMs) <= 2_000;
}

function waitFault(how: string, react: Fault['react']): Fault {
  return {
    name: `waits as long as it is asked to, ${how}`,
    happens: `asked for ${waitMs} ms`,
    react,
    judge(verdict) {
      const wait = verdict.retryAfterMs ?? 0;
      const waits = isOneOf(verdict, 'rate_limited', 'retry') && Math.abs(wait - waitMs) <= 2_000;
      requireThat(
        waits,
        `\`rate_limited\` or \`retry\` with a wait of ${waitMs} ms was to come back`,
      );
    },
  };
}

function expectNotDelivered(verdict: Verdict): void {
  requireThat(!isOneOf(verdict, 'delivered', 'accepted', 'filtered'), 'it was not delivered');
}

function expectOpen(verdict: Verdict): void {
  expectNotDelivered(verdict);
  requireThat(
    !isOneOf(verdict, 'rejected', 'auth'),
    'the vendor has refused nothing: it is to be kept',
  );
}

function expectUnknown(verdict: Verdict, changes: boolean): void {
  if (!changes) {
    expectOpen(verdict);
    return;
  }
  requireThat(
    isOneOf(verdict, 'unknown', 'in_doubt'),
    'the vendor may have done it: `in_doubt` or an error of kind `unknown` was to come back',
  );
}

async function checkFault(
  stage: DestinationStage,
  input: DestinationInput,
  fault: Fault,
): Promise<void> {
  const healthy = await playDestination(stage, { input });
  for (const [from, request] of healthy.requests.entries()) {
    const react = (now: number): VendorReaction => fault.react(now);
    const play = await playDestination(stage, { input, fault: { from, react }, ...fault.options });
    const inCall = from < healthy.callRequests;
    for (const verdict of play.verdicts.values()) {
      inWords(fault, request, verdict, () => {
        // While a job is only being asked about, the job itself stands.
        if (!inCall)
          requireThat(!isOneOf(verdict, 'delivered', 'rejected'), 'the job is still open');
        else fault.judge(verdict, changesSomething(request));
      });
    }
    requireNotFollowed(play);
  }
}

function inWords(fault: Fault, request: VendorRequest, verdict: Verdict, judge: () => void): void {
  try {
    judge();
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    const asked = `${request.method} ${request.path}`;
    violate(`to ${asked} the vendor ${fault.happens}; it became ${show(verdict)}: ${why}`);
  }
}

function changesSomething({ method }: VendorRequest): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method);
}

function requireNotFollowed(play: Play): void {
  const followed = play.requests.some(({ path }) => path === elsewhere);
  requireThat(!followed, 'it followed a redirect: credentials and people went to another address');
}

async function checkDown(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const play = await playDestination(stage, { input, down: true });
  for (const verdict of play.verdicts.values()) {
    requireThat(
      isOneOf(verdict, 'transient', 'retry'),
      `the connection was refused and nothing was sent; it became ${show(verdict)}: \`retry\` or an error of kind \`transient\` was to come back`,
    );
  }
}

/** The same request once more may be a client's reflex; more is a loop of its own. */
const mostOfSame = 2;

async function checkRetries(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const react = (): VendorReaction => ({ status: 503, json: { error: 'trouble' } });
  const play = await playDestination(stage, { input, fault: { from: 0, react } });
  const same = Map.groupBy(play.requests, ({ method, path, text }) => `${method} ${path}\n${text}`);
  for (const requests of same.values()) {
    const [first] = requests;
    requireThat(
      requests.length <= mostOfSame,
      () =>
        `the vendor answered 503, and ${first?.method} ${first?.path} was made ${requests.length} times: throw, and the hub tries again when it is time`,
    );
  }
}

/** Real milliseconds that a call may take to end once the hub has given it up. */
const mostAfterAbortMs = 1_000;

async function checkAbort(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const play = await playDestination(stage, {
    input,
    fault: { from: 0, react: () => 'hang' },
    timeoutMs: 60_000,
    abortAfterMs: 150,
  });
  if (play.endedAfterAbortMs === undefined) return;
  requireThat(
    play.endedAfterAbortMs <= mostAfterAbortMs,
    `it ended ${Math.round(play.endedAfterAbortMs)} ms after the signal aborted: hand the context's signal to what it waits for`,
  );
  for (const verdict of play.verdicts.values()) expectOpen(verdict);
}
