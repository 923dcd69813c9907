// mail/send: accepted with a message id, then dropped for those who do not want it. Sandbox mode
// checks and sends nothing.
import type { Account, SentMail } from './account.ts';
import { unixTime } from './clock.ts';
import type { JournalKey } from './journal.ts';
import { checkMail, type CheckedMail, type MailRecipient } from './mail-rules.ts';
import type { Route, VendorAnswer, VendorRequest } from './router.ts';
import { isRecord, isText } from './shapes.ts';

export const mailRoutes: readonly Route[] = [
  { method: 'POST', path: '/v3/mail/send', scope: 'mail.send', keys: mailKeys, handle: send },
];

function mailKeys({ body }: VendorRequest): JournalKey[] {
  const list = isRecord(body) ? body['personalizations'] : undefined;
  if (!Array.isArray(list)) return [];
  return list
    .flatMap((item: unknown): unknown[] =>
      isRecord(item) && Array.isArray(item['to']) ? item['to'] : [],
    )
    .map((to) => (isRecord(to) ? to['email'] : undefined))
    .filter(isText)
    .map((email) => ({ key: email.toLowerCase(), action: 'mail' }));
}

function send({ body }: VendorRequest, account: Account): VendorAnswer {
  const mail = checkMail(body, unixTime(account.clock.now()));
  const messageId = account.newId().replaceAll('-', '').slice(0, 22);
  const sent = mail.recipients.map((recipient) => describe(account, mail, recipient, messageId));
  account.mails.push(...sent);
  if (mail.sandbox) return { status: 200 };
  return { status: 202, headers: { 'X-Message-Id': messageId } };
}

function describe(
  account: Account,
  mail: CheckedMail,
  recipient: MailRecipient,
  messageId: string,
): SentMail {
  return {
    messageId,
    to: recipient.email,
    templateId: mail.templateId,
    subject: recipient.subject,
    data: recipient.data ?? null,
    customArgs: recipient.customArgs,
    groupId: mail.groupId,
    sandbox: mail.sandbox,
    dropped: dropReason(account, recipient.email, mail.groupId),
    at: account.clock.now(),
  };
}

function dropReason(account: Account, email: string, groupId: number | null): string | null {
  const {
    unsubscribes,
    bounces,
    spam_reports: spam,
    invalid_emails: invalid,
  } = account.suppressions;
  if (unsubscribes.has(email)) return 'Unsubscribed Address';
  if (groupId !== null && account.groups.get(groupId)?.suppressed.has(email)) {
    return 'Unsubscribed Address';
  }
  if (bounces.has(email)) return 'Bounced Address';
  if (spam.has(email)) return 'Spam Reporting Address';
  return invalid.has(email) ? 'Invalid' : null;
}
