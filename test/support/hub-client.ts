// What a test says to a running hub over HTTP: records in by the tracking API, questions and an
// operator's levers by the hub's own API.

export interface HubAddress {
  /** Asked anew for every call: a hub that was started again may listen elsewhere. */
  readonly url: () => string;
  readonly adminKey: () => string;
  /** A server key of the tracking API. */
  readonly writeKey: string;
  /** Of a call, in milliseconds. Default: above what any call of a test should take. */
  readonly boundMs?: number;
}

export interface HubClient {
  /** One batch by the tracking API. Resolves when it is acknowledged; anything but 200 throws. */
  send(messages: readonly object[]): Promise<void>;
  /** As `send`, but says how it was answered; undefined: not at all. */
  trySend(messages: readonly object[]): Promise<number | undefined>;
  /** A call of the hub's API under `/api`; a status other than 2xx throws. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown>;
  /** One destination as its operator sees it. */
  destination(instance: string): Promise<DestinationReading>;
  /** How many are in an audience now. */
  sizeOf(audience: string): Promise<number>;
  /** A metric without labels; undefined: it is not shown. */
  metric(name: string): Promise<number | undefined>;
}

export interface DestinationReading {
  readonly state: string;
  readonly code?: string;
  readonly message?: string;
  /** Changed profiles that are not planned yet. */
  readonly lag: number;
  readonly openDeadLetters: number;
  readonly books: readonly BookReading[];
}

export interface BookReading {
  readonly list: string;
  readonly kind: string;
  readonly planned: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly rejected: number;
  readonly superseded: number;
  readonly inDoubt: number;
  readonly pending: number;
}

const defaultBoundMs = 30_000;

export function createHubClient(address: HubAddress): HubClient {
  const callBoundMs = address.boundMs ?? defaultBoundMs;

  async function post(messages: readonly object[]): Promise<number> {
    const response = await fetch(`${address.url()}/v1/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic(address.writeKey) },
      body: JSON.stringify({ batch: messages }),
      signal: AbortSignal.timeout(callBoundMs),
    });
    await response.body?.cancel();
    return response.status;
  }

  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${address.url()}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${address.adminKey()}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(callBoundMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  return {
    async send(messages) {
      const status = await post(messages);
      if (status !== 200) throw new Error(`the tracking API answered ${status}`);
    },
    trySend: (messages) => post(messages).catch(() => undefined),
    call,
    async destination(instance) {
      const found = await call('GET', `/destinations/${instance}`);
      if (isDestination(found)) return found;
      throw new Error(`destination ${instance} is described otherwise than expected`);
    },
    async sizeOf(audience) {
      const found = await call('GET', `/audiences/${audience}`);
      const size: unknown = isObject(found) ? found['size'] : undefined;
      if (typeof size === 'number') return size;
      throw new Error(`audience ${audience} is described without a size`);
    },
    async metric(name) {
      const response = await fetch(`${address.url()}/metrics`, {
        signal: AbortSignal.timeout(callBoundMs),
      });
      const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(await response.text());
      return found ? Number(found[1]) : undefined;
    },
  };
}

function basic(key: string): string {
  return `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isDestination(value: unknown): value is DestinationReading {
  return isObject(value) && typeof value['lag'] === 'number' && Array.isArray(value['books']);
}

/** Nothing is under way and nothing is to be planned: what is there now is what will stay. */
export function isAtRest({ lag, books }: DestinationReading): boolean {
  return lag === 0 && books.every(({ inDoubt, pending }) => inDoubt === 0 && pending === 0);
}

/** Every change that was planned has come to exactly one end, or is still open. */
export function isBalanced(book: BookReading): boolean {
  const { planned, delivered, filtered, rejected, superseded, inDoubt, pending } = book;
  return planned === delivered + filtered + rejected + superseded + inDoubt + pending;
}
