// What an operator writes down for somebody goes through intake like any record.
import { internalSource } from '../../sources/internal-source.ts';
import type { ConsentOperations } from '../hub-reads.ts';
import type { Rooms } from './rooms.ts';

export function createConsentOperations({ intake, room }: Rooms): ConsentOperations {
  return {
    record: (identifiers, consents, by) =>
      intake.submit({
        source: internalSource,
        receivedAt: room.now(),
        records: [
          {
            type: 'consent',
            messageId: `${by}-${crypto.randomUUID()}`.slice(0, 200),
            identifiers,
            consents,
            trust: 'authenticated',
          },
        ],
      }),
  };
}
