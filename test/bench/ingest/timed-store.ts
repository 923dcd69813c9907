// The store that config names, with the time of each statement added up by name.
import type { HubConfig } from '../../../core/src/config/hub-config.ts';
import { openStore } from '../../../core/src/store/open.ts';
import type { Store } from '../../../core/src/store/store.ts';

export interface TimedStore {
  readonly store: Store;
  /** Name, calls, milliseconds in all and at most; the costliest first. */
  read(): [string, number, number, number][];
}

export async function openPlaceOf(settings: HubConfig['store']): Promise<TimedStore> {
  const times = new Map<string, [number, number, number]>();
  const onStatement = (_lane: string, name: string, milliseconds: number): void => {
    const [calls, all, most] = times.get(name) ?? [0, 0, 0];
    times.set(name, [calls + 1, all + milliseconds, Math.max(most, milliseconds)]);
  };
  const store =
    settings.kind === 'embedded'
      ? await openStore({ folder: settings.folder, onStatement })
      : await openStore({ url: settings.url, schema: settings.schema, onStatement });
  return {
    store,
    read: () =>
      [...times]
        .map(([name, [calls, all, most]]): [string, number, number, number] => [
          name,
          calls,
          Math.round(all),
          Math.round(most),
        ])
        .sort((one, other) => other[2] - one[2]),
  };
}
