// What can go wrong on the way to a vendor, on demand: which requests, how many or for how long, and
// what happens to them. The first script that matches a request takes it.

export interface FaultSelector {
  /** Left out: any method. */
  readonly method?: string;
  /** The path without query; `*` stands for anything. Left out: any path. */
  readonly path?: string;
  /** The first matching request that is hit, counted from 1 when the script began. Default 1. */
  readonly nth?: number;
  /** How many requests are hit. Default 1, or no limit with `forMilliseconds`. */
  readonly times?: number;
  /** Ends the script so long after it began, by the process's clock. */
  readonly forMilliseconds?: number;
}

export type FaultEffect =
  /** 429 with the window's end in `X-RateLimit-Reset`, default in 1 second. */
  | { readonly kind: 'rate-limited'; readonly resetSeconds?: number }
  /** Any other status with an error in the vendor's shape, or with the body given. Nothing happens. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly message?: string;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'unauthorized' }
  /** Takes effect; the connection dies in the middle of the answer. */
  | { readonly kind: 'cut-answer' }
  /** Takes effect; the answer never comes. */
  | { readonly kind: 'lost-answer' }
  /** Takes effect and is answered, but only after so long. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** The connection is reset; nothing happens. */
  | { readonly kind: 'reset' }
  /** Takes effect; the answer has a shape that nobody has seen. */
  | { readonly kind: 'unknown-answer'; readonly status?: number; readonly body?: unknown };

export type Fault = FaultSelector & FaultEffect;
export type FaultKind = FaultEffect['kind'];

export const faultKinds: readonly FaultKind[] = [
  'rate-limited',
  'status',
  'unauthorized',
  'cut-answer',
  'lost-answer',
  'slow',
  'reset',
  'unknown-answer',
];

export interface FaultScript {
  readonly id: number;
  readonly fault: Fault;
  /** Requests hit so far. */
  readonly hits: () => number;
  remove(): void;
}
export interface Faults {
  script(fault: Fault): FaultScript;
  take(method: string, path: string): Fault | null;
  scripts(): readonly FaultScript[];
  clear(): void;
}

interface RunningScript extends FaultScript {
  readonly matches: (method: string, path: string) => boolean;
  readonly endsAt: number;
  seen: number;
  hit: number;
}

export function createFaults(now: () => number): Faults {
  let running: RunningScript[] = [];
  let count = 0;
  return {
    script(fault) {
      const script: RunningScript = {
        id: ++count,
        fault,
        matches: createMatcher(fault),
        endsAt: now() + (fault.forMilliseconds ?? Number.POSITIVE_INFINITY),
        seen: 0,
        hit: 0,
        hits: () => script.hit,
        remove: () => void (running = running.filter((other) => other !== script)),
      };
      running.push(script);
      return script;
    },
    take(method, path) {
      const at = now();
      return running.find((script) => takes(script, method, path, at))?.fault ?? null;
    },
    scripts: () => running,
    clear: () => void (running = []),
  };
}

function takes(script: RunningScript, method: string, path: string, at: number): boolean {
  const { fault } = script;
  const times = fault.times ?? (fault.forMilliseconds === undefined ? 1 : Number.POSITIVE_INFINITY);
  if (at >= script.endsAt || script.hit >= times || !script.matches(method, path)) return false;
  script.seen += 1;
  if (script.seen < (fault.nth ?? 1)) return false;
  script.hit += 1;
  return true;
}

function createMatcher({ method, path }: FaultSelector): RunningScript['matches'] {
  const pattern =
    path === undefined ? null : new RegExp(`^${path.split('*').map(escapePattern).join('.*')}$`);
  const wantedMethod = method?.toUpperCase();
  return (actualMethod, actualPath) =>
    (wantedMethod === undefined || wantedMethod === actualMethod) &&
    (pattern === null || pattern.test(actualPath));
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
