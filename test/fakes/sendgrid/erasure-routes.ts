// Erasing recipients: everything the vendor has about an address outside Marketing Campaigns, i.e.
// activity and suppressions. Contacts stay; they are deleted by their own endpoint.
import { suppressionKinds, type Account } from './account.ts';
import type { JobResults } from './jobs.ts';
import type { JournalKey } from './journal.ts';
import type { Route, VendorAnswer, VendorRequest } from './router.ts';
import { isEmail, isRecord, isText, requireRecord, requireTexts } from './shapes.ts';
import { badRequest, VendorError } from './vendor-error.ts';

const mostAddresses = 5_000;
const mostBytes = 256 * 1024;

export const erasureRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v3/recipients/erasejob',
    scope: 'recipients.erasejob.create',
    keys: eraseKeys,
    handle: startErasure,
  },
];

function eraseKeys({ body }: VendorRequest): JournalKey[] {
  const addresses = isRecord(body) ? body['email_addresses'] : undefined;
  return Array.isArray(addresses)
    ? addresses.filter(isText).map((key) => ({ key: key.toLowerCase(), action: 'erase' }))
    : [];
}

function startErasure({ body, bytes }: VendorRequest, account: Account): VendorAnswer {
  const addresses = requireTexts(requireRecord(body)['email_addresses'], 'email_addresses');
  if (addresses.length === 0 || addresses.length > mostAddresses || bytes > mostBytes) {
    throw badRequest(
      `between 1 and ${mostAddresses} addresses in at most 256Kb are required`,
      'email_addresses',
    );
  }
  const invalid = addresses.filter((address) => !isEmail(address));
  if (invalid.length > 0) {
    throw new VendorError(
      400,
      invalid.map((address) => ({
        message: `Email_address ${address} is not valid`,
        field: 'email_addresses',
      })),
    );
  }
  const wanted = [...new Set(addresses.map((address) => address.toLowerCase()))];
  const job = account.jobs.add({
    type: 'delete',
    delay: account.delays.erasure,
    requested: wanted.length,
    pollable: false,
    run: () => eraseAddresses(account, wanted),
  });
  return { status: 202, body: { job_id: job.id } };
}

function eraseAddresses(account: Account, addresses: readonly string[]): JobResults {
  for (const address of addresses) eraseAddress(account, address);
  return { requested: addresses.length, deleted: addresses.length, errors: [] };
}

function eraseAddress(account: Account, address: string): void {
  for (const kind of suppressionKinds) {
    // An unsubscription outlives erasure: without it the person could be written to again.
    if (kind !== 'unsubscribes') account.suppressions[kind].delete(address);
  }
  const kept = account.mails.filter((mail) => mail.to !== address);
  account.mails.splice(0, account.mails.length, ...kept);
  account.erased.push(address);
}
