// What the hub hands to every call of a plugin. A plugin reaches the world through this and
// nothing else, so that a test can stand in for the world.

/** `info` and below may be sampled; never log a person's data or a secret (secrets are redacted in any case). */
export interface PluginLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What a log line carries beside its message: flat, plain values. `undefined` is left out. */
export interface LogFields {
  readonly [field: string]: string | number | boolean | null | undefined;
}

/** The time, and waiting for it. A plugin asks nobody else, so that a test can stand still. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** Resolves after so many milliseconds, rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * For a URL that a user or a vendor's answer supplied: the host's addresses are looked up once, those
 * that are not public (loopback, private, link-local, metadata) are refused, and the connection goes to
 * the very address that was judged.
 */
export interface AddressGuard {
  /** Hosts, addresses and CIDR ranges that may be reached although they are not public. Default: none. */
  readonly allow?: readonly string[];
}

/**
 * What the web's `fetch` takes, and the bounds of this one call.
 * A `redirect` of the plugin's own is overruled: none is followed.
 */
export type PluginFetchInit = RequestInit & {
  /** Milliseconds for the whole exchange, the answer's body included. Default: the instance's. */
  readonly timeoutMs?: number;
  /** Most bytes of the answer's body, decompressed. Default: the instance's. */
  readonly maxAnswerBytes?: number;
  /** Refused addresses reject with `rejected` and the vendor code `ADDRESS_NOT_PUBLIC`. Default: no guard. */
  readonly guard?: AddressGuard;
};

/**
 * The web's fetch with the hub's manners: a time-out (default: the instance's `timeoutMs`), no
 * redirect followed, a bounded answer, secrets kept out of errors, calls counted.
 * Network failures and time-outs reject with a `PluginError` of kind `transient` when nothing can have
 * reached the other side and `unknown` when it may have; so does reading a body that is cut or too large.
 * Status codes do not reject: see `classifyStatus`. Read the body or cancel it, else the connection is
 * held until the time-out.
 */
export type PluginFetch = (url: string | URL, init?: PluginFetchInit) => Promise<Response>;

/**
 * What every function of a plugin that runs in a hub is given: its settings, and the world. One per instance,
 * but for `signal`, which is that of the call.
 */
export interface PluginContext<Settings> {
  /** The instance's id in config. */
  readonly instance: string;
  /** Validated, defaults filled in, references resolved. */
  readonly settings: Settings;
  readonly fetch: PluginFetch;
  readonly clock: Clock;
  readonly log: PluginLogger;
  /** Aborts when the hub stops the instance or the call's time is over. */
  readonly signal: AbortSignal;
  /** Uniform in [0, 1). */
  random(): number;
}
