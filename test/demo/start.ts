// `npm start`: the demo hub beside two sandboxes of this machine, a SendGrid and a receiver of webhooks,
// so that pushes go somewhere that can be looked at. Arguments go on to `tributary start`.
import { randomBytes } from 'node:crypto';
import { main } from '../../core/src/cli/main.ts';
import { startSendgridFake } from '../fakes/sendgrid/fake.ts';
import { startWebhookSandbox } from './webhook-sandbox.ts';

const apiKey = `SG.${randomBytes(16).toString('hex')}`;
const secret = `whsec_${randomBytes(24).toString('base64')}`;

const sendgrid = await onPort('SANDBOX_SENDGRID_PORT', 8081, (port) =>
  startSendgridFake({ port, apiKey, journalLimit: 5_000 }),
);
for (const list of ['Newsletter', 'Lapsed VIPs', 'Cart abandoned']) sendgrid.addList(list);
sendgrid.addField('lifetime_value', 'Number');
const webhook = await onPort('SANDBOX_WEBHOOK_PORT', 8082, (port) =>
  startWebhookSandbox(port, secret),
);

process.env['SENDGRID_URL'] = sendgrid.url;
process.env['SENDGRID_API_KEY'] = apiKey;
process.env['CRM_URL'] = webhook.url;
process.env['CRM_SECRET'] = secret;

console.log(`SendGrid sandbox   ${sendgrid.url}   (what the vendor has, to look at in a browser)`);
console.log(`Webhook sandbox    ${webhook.url}`);
console.log(
  `Tell it of somebody: curl -u demo-server-key: -d '{"userId":"ada","traits":{"email":"ada@example.com"}}' http://localhost:8080/v1/identify`,
);

const exitCode = await main(['start', ...process.argv.slice(2)]);
await Promise.all([sendgrid.close(), webhook.close()]);
process.exitCode = exitCode;

/** Of the variable; 0 takes any free port. */
async function onPort<Sandbox>(
  variable: string,
  otherwise: number,
  start: (port: number) => Promise<Sandbox>,
): Promise<Sandbox> {
  const given = process.env[variable];
  const port = given === undefined ? otherwise : Number(given);
  try {
    return await start(port);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    console.error(
      `SANDBOX_ADDRESS_TAKEN: 127.0.0.1:${port}: something else listens there. Is the demo running already? Else set ${variable} to another port, or to 0 for any.`,
    );
    process.exit(1);
  }
}
