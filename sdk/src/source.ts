// What a source plugin is: an object literal given to `defineSource`.
import type { OpensConnection } from './connection.ts';
import type { PluginContext } from './context.ts';
import type { JsonValue } from './json.ts';
import type { SourceRecord } from './record.ts';
import { markPlugin, specVersion, type PluginMark } from './plugin.ts';
import type {
  SettingsFinding,
  SettingsOf,
  SettingsSchema,
  SettingsTest,
  UnknownSettings,
} from './settings.ts';
import type { SettingsMigration } from './settings-migration.ts';

/**
 * Some records and where the source stands after them. The hub commits the checkpoint together with the
 * last of the records; the generator is resumed only after that, so code behind a `yield` may acknowledge
 * upstream. A page that is cut short is read again, and what was taken of it is told apart by message id.
 */
export interface SourcePage {
  /** At most 10,000. */
  readonly records: readonly SourceRecord[];
  /** Left out: the checkpoint stays where it was. At most 64 KiB of JSON. */
  readonly checkpoint?: JsonValue;
}

/** A request as it came in. Nothing is parsed: signatures are made over `rawBody`. */
export interface SourceRequest {
  readonly method: string;
  /** Below the mount, begins with `/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; a repeated header is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came over the wire, still compressed if it was. */
  readonly rawBody: Uint8Array;
  readonly remoteAddress: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** What the sender hears. Header names in any case; no body where it is left out. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What intake did with the records of one request, once that is durable. */
export interface Receipt {
  readonly accepted: number;
  readonly duplicates: number;
  /** Kept out, because they name somebody who was erased; left out where there is none. */
  readonly suppressed?: number;
  /** Kept aside with a reason; `index` is the record's place in the request. */
  readonly quarantined: readonly {
    readonly index: number;
    readonly code: string;
    readonly message: string;
  }[];
}

/** What a request came to: records, an answer without records, or a body that nobody can read. */
export type SourceAnswer =
  /** Records to commit; `respond` makes the answer after the commit. */
  | { readonly records: readonly SourceRecord[]; respond(receipt: Receipt): HttpAnswer }
  /** Nothing to commit: a refusal, a preflight, a settings document. */
  | { readonly answer: HttpAnswer }
  /**
   * The body cannot be read as records: it is kept in quarantine as it came, then answered. 600 bodies and
   * 32 MiB are kept in a minute; of what is beyond, the sender hears «not now» in place of an `answer` below 400.
   */
  | {
      readonly unreadable: {
        readonly code: string;
        readonly message: string;
        /** What is kept in place of the raw body, e.g. without the sender's key. */
        readonly payload?: Uint8Array;
      };
      readonly answer: HttpAnswer;
    };

/**
 * What a source listens to. Bad input is answered with a 4xx, never thrown: what `handle` throws is answered
 * with 500, and honest senders repeat it for ever.
 */
export interface SourceHttp<Settings, Connection> {
  /** Where it listens unless config says otherwise, e.g. `/`; default `/sources/<instance>`. */
  readonly mount?: string;
  /** Paths below the mount; a trailing `*` matches the rest. Everything else is 404. */
  readonly paths: readonly string[];
  /** Of the body as it comes over the wire; the hub answers 413 above it. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** How the hub says «not now» when intake is full: 429 with `Retry-After`, in the caller's dialect. */
  busy?(retryAfterSeconds: number): HttpAnswer;
  /** Headers that every answer carries, the hub's own included (CORS). */
  readonly headers?: Readonly<Record<string, string>>;
  handle(
    call: SourceCall<Settings, Connection> & { readonly request: SourceRequest },
  ): Promise<SourceAnswer> | SourceAnswer;
}

/** A message as somebody has it in a file. */
export interface SourceSample {
  readonly body: Uint8Array;
  /** Names in lower case. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Below the mount, with its query. Default `/`. */
  readonly path?: string;
}

/** What would become of a sample, and what stands in its way. */
export interface SourcePreview {
  readonly records: readonly SourceRecord[];
  /** Why there are no records, or what the hub would keep aside. */
  readonly problems: readonly string[];
}

/**
 * What each function of a source is given, beside what it is to do: the context, and what `open` returned
 * (undefined where there is no `open`).
 */
export interface SourceCall<Settings, Connection> extends PluginContext<Settings> {
  readonly connection: Connection;
}

interface SourceParts<Settings, Connection> {
  /** The package's word for itself, kebab-case, e.g. `shopify`. */
  readonly name: string;
  /** For people, e.g. `Shopify`. */
  readonly title: string;
  readonly settings: SettingsSchema;
  /** Steps from older settings to these, the oldest first. Default: there are none older. */
  readonly migrations?: readonly SettingsMigration[];
  /** Beyond the schema: returns what is wrong with settings that are well-formed, else nothing. */
  validate?(settings: Settings): readonly SettingsFinding[];
  /** Runs the tests that settings carry of themselves (`tributary check --tests`). Opens and sends nothing. */
  testSettings?(settings: Settings): Promise<readonly SettingsTest[]>;
  /** What would become of a message that is taken for genuine (`tributary source preview`). Sends nothing. */
  preview?(settings: Settings, sample: SourceSample): Promise<SourcePreview>;
  /** Opens what the instance keeps while it runs, the connection. Bounded by the hub's open time-out (default 10 s). */
  open?(context: PluginContext<Settings>): Promise<Connection> | Connection;
  /** Closes what `open` opened. Bounded to 5 s. */
  close?(call: SourceCall<Settings, Connection>): Promise<void> | void;
  /**
   * Are the credentials good? Throws a `PluginError` where not. Changes nothing. While the source is paused
   * because they were refused it is asked every five minutes, for 30 s at most, and goes on once they are.
   */
  check?(call: SourceCall<Settings, Connection>): Promise<void>;
  readonly http?: SourceHttp<Settings, Connection>;
  /**
   * Reads once more what was kept as `unreadable`, or the JSON of an item that was handed on as `unreadableRecord`,
   * when somebody replays it after mending the settings or updating the plugin. Throws a `PluginError` that says why where it still cannot be read.
   */
  reread?(
    call: SourceCall<Settings, Connection> & {
      readonly payload: Uint8Array;
      readonly receivedAt: number;
    },
  ): Promise<readonly SourceRecord[]>;
  /** Reads what is new since the checkpoint and ends; run again every `pullEveryMs` of config. */
  pull?(
    call: SourceCall<Settings, Connection> & {
      readonly checkpoint: JsonValue | undefined;
    },
  ): AsyncIterable<SourcePage>;
  /** Yields as things happen, until the signal aborts; started again with backoff when it ends. */
  stream?(
    call: SourceCall<Settings, Connection> & {
      readonly checkpoint: JsonValue | undefined;
    },
  ): AsyncIterable<SourcePage>;
}

/**
 * What the author of a source writes. At least one of `http`, `pull` and `stream` is there. A function that
 * fails throws a `PluginError`, whose kind says who must act; any other error counts as `unknown`.
 *
 * @template Connection what `open` returns and every function gets; where it is declared, `open` must be there.
 */
export type SourceDefinition<Settings, Connection = undefined> = SourceParts<Settings, Connection> &
  OpensConnection<Connection>;

/**
 * What `defineSource` returns and a package exports as its default: the definition, marked as a plugin of this
 * contract.
 */
export interface SourcePlugin<Settings = UnknownSettings, Connection = unknown>
  extends SourceParts<Settings, Connection>, PluginMark<'source'> {}

/** Declares a source. Has no side effect: the hub opens it where config names it. */
export function defineSource<const Schema extends SettingsSchema, Connection = undefined>(
  definition: SourceDefinition<SettingsOf<Schema>, Connection> & { readonly settings: Schema },
): SourcePlugin<SettingsOf<Schema>, Connection> & { readonly settings: Schema } {
  return markPlugin({ ...definition, kind: 'source', specVersion });
}
