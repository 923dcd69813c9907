// Runs the fake in a process of its own: `node main.ts [--port N] [--list NAME]...`. The key comes
// from SENDGRID_API_KEY and never from the command line. Prints its URL as one line of JSON.
import { parseArgs } from 'node:util';
import { startSendgridFake } from './fake.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    delay: { type: 'string', default: '1000' },
    list: { type: 'string', multiple: true, default: [] },
  },
});
const delay = Number(values.delay);
const fake = await startSendgridFake({
  port: Number(values.port),
  apiKey: process.env['SENDGRID_API_KEY'] ?? 'SG.sandbox',
  delays: { upsert: delay, removal: delay, deletion: delay, erasure: delay },
  journalLimit: 2_000,
});
for (const name of values.list) fake.addList(name);
console.log(JSON.stringify({ url: fake.url }));

const stop = (): void => {
  void fake.close().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
