// Who holds a shared address: the profiles whose subject named it last.
import type { People } from './people.ts';
import { isErased, type Stated } from './statements.ts';

export interface Held {
  readonly contact: string;
  readonly anchor: string;
}

export function findContacts(stated: Stated, people: People): Held[] {
  const newest = new Map<string, { contact: string; subject: string; at: number }>();
  for (const { subject, contacts, at } of stated.statements) {
    if (subject === undefined || isErased(stated, subject, at)) continue;
    for (const contact of contacts) {
      if (isErased(stated, contact, at)) continue;
      const known = newest.get(`${contact} ${subject}`);
      const last = Math.max(at, known?.at ?? at);
      newest.set(`${contact} ${subject}`, { contact, subject, at: last });
    }
  }
  return [...newest.values()].flatMap(({ contact, subject, at }) => {
    const anchor = people.profileOf(subject, at);
    return anchor === undefined ? [] : [{ contact, anchor }];
  });
}
