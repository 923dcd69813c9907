// Chooses the driver: a folder means the embedded database, a URL a PostgreSQL server.
import { openEmbeddedStore } from './embedded.ts';
import type { EmbeddedStoreSettings } from './embedded.ts';
import { StoreError } from './errors.ts';
import { openServerStore } from './server.ts';
import type { ServerStoreSettings } from './server.ts';
import type { Store } from './store.ts';

export type StoreSettings =
  | EmbeddedStoreSettings
  | (Omit<ServerStoreSettings, 'connectionString'> & {
      /** `postgres://…` or `postgresql://…` */
      readonly url: string;
    });

export function openStore(settings: StoreSettings): Promise<Store> {
  if ('folder' in settings) return openEmbeddedStore(settings);
  const { url, ...others } = settings;
  if (!/^postgres(ql)?:\/\//.test(url)) return Promise.reject(urlError(url));
  return openServerStore({ ...others, connectionString: url });
}

/** Of the URL only the scheme is named: the rest may hold a password. */
function urlError(url: string): StoreError {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(url)?.[0];
  const found = scheme === undefined ? 'no scheme' : `scheme "${scheme}"`;
  return new StoreError(
    'STORE_SETTINGS_INVALID',
    `store.url: found ${found}, expected postgres://user@host/database. Mend the URL, or name a folder for the embedded store.`,
  );
}
