// A small tea shop as a source: enough life to see every part of the hub at work.
import { defineSource } from '@tributary/sdk';
import { runShop } from './run-shop.ts';
import { defaults, settings } from './settings.ts';

export { createShop, type Moment, type ShopSettings } from './shop.ts';

export default defineSource<typeof settings>({
  name: 'demo',
  title: 'Demo shop',
  settings,
  stream: ({ settings: given, ...world }) => runShop({ ...defaults, ...given }, world),
});
