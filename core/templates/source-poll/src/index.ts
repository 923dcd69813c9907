// Acme's people as a source that asks what is new. The hub finds this default export.
import { defineSource, PluginError, readJsonBody } from '@tributary/sdk';
import { listPeople } from './client.ts';
import { placeOf, recordOf } from './map.ts';
import { settings } from './settings.ts';

export default defineSource({
  name: 'acme',
  title: 'Acme',
  settings,
  async *pull(call) {
    let place = placeOf(call.checkpoint);
    for (;;) {
      // Acme's page says where it ends, not what could be read of it.
      const { people, next } = await listPeople(call, place);
      if (people.length === 0) return;
      place = next;
      // The hub commits the records together with the place, and only then asks for more.
      yield { records: people.map(recordOf), checkpoint: place };
    }
  },
  // What could not be read is handed back when somebody replays it: an update of this plugin may know it.
  async reread({ payload }) {
    const read = await readJsonBody(payload, undefined, { maxBytes: 1_048_576 });
    if ('problem' in read) throw new PluginError('rejected', read.problem.message);
    return [recordOf(read.body)];
  },
});
