// What an admin asks for by hand: are the credentials good, and make the lists and fields that
// deliveries need.
import { PluginError, isJsonObject } from '@tributary/sdk';
import { unknownShape, withoutAddresses, type SendgridAnswer } from './client.ts';
import type { SendgridCall } from './connection.ts';
import { isListId } from './directory.ts';

export async function checkCredentials({
  connection,
  log,
  settings,
  signal,
}: SendgridCall): Promise<void> {
  const answer = await connection.client.ask({ method: 'GET', path: '/v3/scopes' }, signal);
  const scopes = answer.taken && isJsonObject(answer.body) ? answer.body['scopes'] : undefined;
  if (!Array.isArray(scopes)) throw unknownShape(answer.status, 'scopes');
  const has = (start: string): boolean =>
    scopes.some((scope) => typeof scope === 'string' && scope.startsWith(start));
  if (!has('marketing.')) throw lacks('Marketing');
  if (settings.mail !== undefined && !has('mail.send')) throw lacks('Mail Send');
  if (!has('recipients.erasejob')) {
    log.warn('the API key lacks recipients.erasejob.create: erasures will be refused');
  }
}

function lacks(permission: string): PluginError {
  return new PluginError('auth', `the API key lacks the permission ${permission}`);
}

export async function createMissing(
  call: SendgridCall & { readonly lists: readonly string[] },
): Promise<{ readonly created: readonly string[] }> {
  const { connection, lists, settings, signal } = call;
  connection.directory.forget();
  const created: string[] = [];
  for (const name of new Set(lists)) {
    // A list given by id was made by somebody; only one given by name can be made here.
    if (isListId(name) || (await connection.directory.findList(name, signal)) !== undefined)
      continue;
    await create(call, '/v3/marketing/lists', { name }, `list '${name}'`);
    created.push(`list ${name}`);
  }
  const fields = await connection.directory.fields(signal);
  for (const [name, type] of Object.entries(settings.customFields)) {
    if (fields.has(name.toLowerCase())) continue;
    const body = { name, field_type: type };
    await create(call, '/v3/marketing/field_definitions', body, `custom field '${name}'`);
    created.push(`custom field ${name}`);
  }
  connection.directory.forget();
  return { created };
}

async function create(
  { connection, signal }: SendgridCall,
  path: string,
  body: object,
  what: string,
): Promise<void> {
  const answer = await connection.client.ask({ method: 'POST', path, body }, signal);
  if (!answer.taken) throw refused(what, answer);
}

function refused(what: string, answer: SendgridAnswer & { readonly taken: false }): PluginError {
  const words = answer.errors.map(({ message }) => withoutAddresses(message)).join('; ');
  return new PluginError('rejected', `${what} was refused: ${words}`, {
    vendorCode: answer.status,
  });
}
