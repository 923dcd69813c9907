// Which records must count however often they come: a no that is taken for the copy of an earlier one is lost.
import type { SourceRecord } from './record.ts';

/**
 * True for a record that only withdraws, denies or deletes, and whose repetition counts nothing else: a `delete`,
 * or a `consent`, `identify` or `alias` with consents of which none is granted. Where such a record has neither an
 * id nor a time of its own, its content must not stand for its id: the same words later are another no.
 */
export function saysNo(record: SourceRecord): boolean {
  switch (record.type) {
    case 'delete':
      return true;
    case 'consent':
    case 'identify':
    case 'alias': {
      const { consents = [] } = record;
      return consents.length > 0 && consents.every(({ status }) => status !== 'granted');
    }
    case 'track':
    case 'page':
    case 'screen':
    case 'group':
      return false;
  }
}
