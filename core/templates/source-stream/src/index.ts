// Acme's events as a source that listens without end. The hub finds this default export.
import { defineSource, PluginError, readJsonBody } from '@tributary/sdk';
import { nextEvents } from './client.ts';
import { placeAfter, placeOf, recordOf } from './map.ts';
import { settings } from './settings.ts';

export default defineSource({
  name: 'acme',
  title: 'Acme',
  settings,
  async *stream(call) {
    let place = placeOf(call.checkpoint);
    while (!call.signal.aborted) {
      const events = await nextEvents(call, place);
      place = placeAfter(events, place);
      // The hub commits the records together with the place, and only then asks for more: what comes
      // in meanwhile waits at Acme, not in memory.
      yield { records: events.map(recordOf), checkpoint: place };
    }
  },
  // What could not be read is handed back when somebody replays it: an update of this plugin may know it.
  async reread({ payload }) {
    const read = await readJsonBody(payload, undefined, { maxBytes: 1_048_576 });
    if ('problem' in read) throw new PluginError('rejected', read.problem.message);
    return [recordOf(read.body)];
  },
});
