// What the API key may do, as the key itself can ask.
import type { Route } from './router.ts';

export interface Credentials {
  apiKey: string;
  /** Null: everything. */
  scopes: readonly string[] | null;
}

export function scopeRoutes(credentials: Credentials, known: readonly string[]): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v3/scopes',
      scope: '',
      handle: () => ({ status: 200, body: { scopes: credentials.scopes ?? known.toSorted() } }),
    },
  ];
}
