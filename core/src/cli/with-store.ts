// Opens the store of a config for one command and closes it whatever happens.
import type { StoreSettings } from '../config/hub-config.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';

export async function withStore<Result>(
  settings: StoreSettings,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(
    settings.kind === 'embedded'
      ? { folder: settings.folder }
      : { url: settings.url, schema: settings.schema },
  );
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
