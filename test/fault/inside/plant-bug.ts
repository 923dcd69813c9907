// Plants one of the bugs into the hub's own code as it is loaded. The hub on disk stays as it is.
import { registerHooks } from 'node:module';
import { plantInto, type Bug } from '../bugs.ts';

export function plantBug(bug: Bug): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(bug.file) || loaded.source === undefined || loaded.source === null)
        return loaded;
      const source =
        typeof loaded.source === 'string'
          ? loaded.source
          : Buffer.from(loaded.source as Uint8Array).toString('utf8');
      return { ...loaded, source: plantInto(source, bug) };
    },
  });
}
