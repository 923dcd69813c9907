// Acme's people as a source that asks what is new. The hub finds this default export.
import { defineSource } from '@tributary/sdk';
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
});
