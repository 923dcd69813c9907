// What a mail/send request must look like before the vendor accepts it.
import { isEmail, isRecord, isText, requireRecord, type JsonRecord } from './shapes.ts';
import { badRequest } from './vendor-error.ts';

const mostPersonalizations = 1_000;
const mostRecipients = 1_000;
const mostCustomBytes = 10_000;
const furthestSendSeconds = 72 * 3_600;

export interface MailRecipient {
  readonly email: string;
  readonly subject: string | null;
  readonly data: unknown;
  readonly customArgs: JsonRecord;
}
export interface CheckedMail {
  readonly recipients: readonly MailRecipient[];
  readonly templateId: string | null;
  readonly groupId: number | null;
  readonly sandbox: boolean;
}

export function checkMail(body: unknown, nowSeconds: number): CheckedMail {
  const mail = requireRecord(body);
  checkSender(mail['from']);
  const templateId = isText(mail['template_id']) ? mail['template_id'] : null;
  checkContent(mail, templateId);
  checkSendAt(mail['send_at'], nowSeconds, 'send_at');
  const recipients = checkPersonalizations(mail, templateId, nowSeconds);
  return {
    recipients,
    templateId,
    groupId: checkGroup(mail['asm']),
    sandbox: isSandbox(mail['mail_settings']),
  };
}

function checkSender(from: unknown): void {
  if (!isRecord(from) || !isText(from['email']) || !isEmail(from['email'])) {
    throw badRequest('The from email must be a valid address.', 'from.email');
  }
}

function checkContent(mail: JsonRecord, templateId: string | null): void {
  if (templateId !== null) return;
  const content = mail['content'];
  if (!Array.isArray(content) || content.length === 0) {
    throw badRequest('Unless a template is used, content is required.', 'content');
  }
  for (const part of content) {
    if (!isRecord(part) || !isText(part['type']) || !isText(part['value'])) {
      throw badRequest('Each content needs a type and a value.', 'content');
    }
  }
}

function checkPersonalizations(
  mail: JsonRecord,
  templateId: string | null,
  nowSeconds: number,
): MailRecipient[] {
  const list = mail['personalizations'];
  if (!Array.isArray(list) || list.length === 0 || list.length > mostPersonalizations) {
    throw badRequest(
      `Between 1 and ${mostPersonalizations} personalizations are required.`,
      'personalizations',
    );
  }
  const recipients = list.flatMap((item, index) => {
    const field = `personalizations.${index}`;
    if (!isRecord(item)) throw badRequest('A personalization must be an object.', field);
    checkSendAt(item['send_at'], nowSeconds, `${field}.send_at`);
    return checkPersonalization(mail, item, templateId, field);
  });
  if (recipients.length > mostRecipients) {
    throw badRequest(
      `A request may have at most ${mostRecipients} recipients.`,
      'personalizations',
    );
  }
  return recipients;
}

function checkPersonalization(
  mail: JsonRecord,
  item: JsonRecord,
  templateId: string | null,
  field: string,
): MailRecipient[] {
  const subject = [item['subject'], mail['subject']].find(isText) ?? null;
  if (subject === null && templateId === null) {
    throw badRequest('The subject is required.', 'subject');
  }
  checkSize(item['substitutions'], `${field}.substitutions`);
  checkSize(item['custom_args'], `${field}.custom_args`);
  const data = item['dynamic_template_data'];
  if (data !== undefined && templateId?.startsWith('d-') !== true) {
    throw badRequest(
      'dynamic_template_data needs a dynamic template.',
      `${field}.dynamic_template_data`,
    );
  }
  const customArgs = isRecord(item['custom_args']) ? item['custom_args'] : {};
  return checkAddresses(item, field).map((email) => ({ email, subject, data, customArgs }));
}

function checkAddresses(item: JsonRecord, field: string): string[] {
  if (!Array.isArray(item['to']) || item['to'].length === 0) {
    throw badRequest('The to array is required and must have an address.', `${field}.to`);
  }
  const emails = ['to', 'cc', 'bcc'].flatMap((kind) => {
    const list = item[kind] ?? [];
    if (!Array.isArray(list)) throw badRequest(`${kind} must be an array.`, `${field}.${kind}`);
    return list.map((entry, index) => checkAddress(entry, `${field}.${kind}.${index}.email`));
  });
  if (new Set(emails).size !== emails.length) {
    throw badRequest('Each address may appear once in to, cc and bcc.', field);
  }
  return emails;
}

function checkAddress(entry: unknown, field: string): string {
  if (!isRecord(entry) || !isText(entry['email']) || !isEmail(entry['email'])) {
    throw badRequest('Does not contain a valid address.', field);
  }
  return entry['email'].toLowerCase();
}

function checkSize(value: unknown, field: string): void {
  if (value === undefined) return;
  if (!isRecord(value) || JSON.stringify(value).length > mostCustomBytes) {
    throw badRequest(`Must be an object of at most ${mostCustomBytes} bytes.`, field);
  }
}

function checkSendAt(value: unknown, nowSeconds: number, field: string): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || Number(value) > nowSeconds + furthestSendSeconds) {
    throw badRequest('send_at must be a unix time at most 72 hours ahead.', field);
  }
}

function checkGroup(value: unknown): number | null {
  if (value === undefined) return null;
  const id = isRecord(value) ? value['group_id'] : undefined;
  if (typeof id !== 'number' || !Number.isInteger(id)) {
    throw badRequest('asm.group_id must be an integer.', 'asm.group_id');
  }
  return id;
}

function isSandbox(settings: unknown): boolean {
  const sandbox = isRecord(settings) ? settings['sandbox_mode'] : undefined;
  return isRecord(sandbox) && sandbox['enable'] === true;
}
