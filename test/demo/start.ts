// `npm start`: the demo hub beside two sandboxes of this machine, a SendGrid and a receiver of webhooks,
// so that pushes go somewhere that can be looked at. Arguments go on to `tributary start`.
import { randomBytes } from 'node:crypto';
import { main } from '../../core/src/cli/main.ts';
import { startSendgridFake } from '../fakes/sendgrid/fake.ts';
import { startWebhookSandbox } from './webhook-sandbox.ts';

const apiKey = `SG.${randomBytes(16).toString('hex')}`;
const secret = `whsec_${randomBytes(24).toString('base64')}`;

const sendgrid = await startSendgridFake({
  port: portOf('SANDBOX_SENDGRID_PORT', 8081),
  apiKey,
  journalLimit: 5_000,
});
for (const list of ['Newsletter', 'Lapsed VIPs', 'Cart abandoned']) sendgrid.addList(list);
sendgrid.addField('lifetime_value', 'Number');
const webhook = await startWebhookSandbox(portOf('SANDBOX_WEBHOOK_PORT', 8082), secret);

process.env['SENDGRID_URL'] = sendgrid.url;
process.env['SENDGRID_API_KEY'] = apiKey;
process.env['CRM_URL'] = webhook.url;
process.env['CRM_SECRET'] = secret;

console.log(`SendGrid sandbox   ${sendgrid.url}   (what the vendor has, to look at in a browser)`);
console.log(`Webhook sandbox    ${webhook.url}`);

const exitCode = await main(['start', ...process.argv.slice(2)]);
await Promise.all([sendgrid.close(), webhook.close()]);
process.exitCode = exitCode;

/** 0 takes any free port. */
function portOf(variable: string, otherwise: number): number {
  const given = process.env[variable];
  return given === undefined ? otherwise : Number(given);
}
