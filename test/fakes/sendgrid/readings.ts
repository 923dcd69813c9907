// What stands at the vendor now, as a person or a test would read it. Due jobs have run.
import { contactLabel, type Account, type Contact, type SentMail } from './account.ts';
import { listMembers } from './list-routes.ts';

export interface ListReading {
  readonly id: string;
  readonly name: string;
  /** E-mail addresses (or the first other identifier), in alphabetical order. */
  readonly members: readonly string[];
}
export interface ContactReading {
  readonly id: string;
  readonly key: string;
  readonly identifiers: Contact['identifiers'];
  readonly fields: Readonly<Record<string, string>>;
  /** By name, not by id. */
  readonly customFields: Readonly<Record<string, string | number>>;
  /** Names of lists. */
  readonly lists: readonly string[];
}
export interface Readings {
  lists(): readonly ListReading[];
  /** The members of the list with this name; none where there is no such list. */
  members(listName: string): readonly string[];
  contacts(): readonly ContactReading[];
  contact(email: string): ContactReading | undefined;
  /** Mail that was taken to be sent, sandbox mode left out. */
  mails(): readonly SentMail[];
  /** Addresses whose data an erase job has removed. */
  erased(): readonly string[];
}

export function createReadings(account: Account): Readings {
  const lists = (): ListReading[] => {
    account.jobs.settle();
    return [...account.lists.values()].map((list) => ({
      id: list.id,
      name: list.name,
      members: listMembers(account, list).toSorted(),
    }));
  };
  const contacts = (): ContactReading[] => {
    account.jobs.settle();
    return [...account.contacts.values()].map((contact) => readContact(account, contact));
  };
  return {
    lists,
    members: (listName) => lists().find(({ name }) => name === listName)?.members ?? [],
    contacts,
    contact: (email) => contacts().find(({ key }) => key === email.toLowerCase()),
    mails: () => account.mails.filter(({ sandbox }) => !sandbox),
    erased() {
      account.jobs.settle();
      return account.erased;
    },
  };
}

function readContact(account: Account, contact: Contact): ContactReading {
  return {
    id: contact.id,
    key: contactLabel(contact),
    identifiers: contact.identifiers,
    fields: contact.fields,
    customFields: Object.fromEntries(
      Object.entries(contact.customFields).map(([id, value]) => [
        account.fields.get(id)?.name ?? id,
        value,
      ]),
    ),
    lists: [...contact.listIds].map((id) => account.lists.get(id)?.name ?? id),
  };
}
