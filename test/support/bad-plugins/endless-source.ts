// A source whose code never lets go of the thread when it is asked about its settings.
import { defineSource } from '@tributary/sdk';

export default defineSource({
  name: 'endless-source',
  title: 'Endless source',
  settings: { type: 'object', additionalProperties: false },
  validate() {
    for (;;);
  },
  http: { paths: ['/'], handle: () => Promise.resolve({ answer: { status: 204 } }) },
});
