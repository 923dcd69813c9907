// Opens the store of a config for one command and closes it whatever happens.
import type { StoreSettings } from '../config/hub-config.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';

export async function withStore<Result>(
  settings: StoreSettings,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  return closing(
    await openStore(
      settings.kind === 'embedded'
        ? { folder: settings.folder }
        : { url: settings.url, schema: settings.schema },
    ),
    work,
  );
}

/** Some 25 days, the most that a timer can be set to. */
const withoutLimit = 2_147_483_647;

/** The same for a command that nobody else may run beside, and that takes its time in a transaction. */
export async function withStoreAlone<Result>(
  settings: StoreSettings,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const limits = { transactionTimeoutMs: withoutLimit };
  return closing(
    await openStore(
      settings.kind === 'embedded'
        ? { folder: settings.folder, ...limits }
        : { url: settings.url, schema: settings.schema, alone: true, ...limits },
    ),
    work,
  );
}

async function closing<Result>(
  store: Store,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
