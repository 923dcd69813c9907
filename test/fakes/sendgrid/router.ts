// The table of endpoints: a template such as `/v3/marketing/lists/{id}` and what answers it.
import type { Account } from './account.ts';
import type { JournalKey } from './journal.ts';

export interface VendorRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON, or null where there was no body. */
  readonly body: unknown;
  readonly bytes: number;
  /** Where the fake can be reached, for the links in its answers. */
  readonly baseUrl: string;
}
export interface VendorAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Route {
  readonly method: string;
  readonly path: string;
  /** The permission that the API key must have. */
  readonly scope: string;
  /** Whom the request is about, for the journal. Looks at the request only; must not throw. */
  keys?(request: VendorRequest, account: Account): readonly JournalKey[];
  handle(request: VendorRequest, account: Account): VendorAnswer;
}

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}
export interface Router {
  /** `unknown`: no endpoint has this path. `method`: one has, under another method. */
  find(method: string, path: string): RouteMatch | 'unknown' | 'method';
}

export function createRouter(routes: readonly Route[]): Router {
  const compiled = routes.map((route) => ({ route, pattern: compileTemplate(route.path) }));
  return {
    find(method, path) {
      const matching = compiled.flatMap(({ route, pattern }) => {
        const found = pattern.exec(path);
        return found === null ? [] : [{ route, params: decodeParams(found.groups) }];
      });
      if (matching.length === 0) return 'unknown';
      return matching.find(({ route }) => route.method === method) ?? 'method';
    },
  };
}

function compileTemplate(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}

function decodeParams(groups: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups ?? {}).map(([name, value]) => [name, decodeText(value)]),
  );
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
