// Wires the API's questions to the rooms that know the answers.
import type { Hub } from './hub-reads.ts';
import {
  createAudienceReads,
  createAuditReads,
  createConsentOperations,
  createDeadLetterOperations,
  createDestinationOperations,
  createQuarantineOperations,
  createSourceReads,
} from './reads/operations.ts';
import { createProfileReads } from './reads/profile-reads.ts';
import type { Rooms } from './reads/rooms.ts';

export function createHubReads(rooms: Rooms): Hub {
  return {
    profiles: createProfileReads(rooms),
    audiences: createAudienceReads(rooms),
    sources: createSourceReads(rooms),
    destinations: createDestinationOperations(rooms),
    deadLetters: createDeadLetterOperations(rooms),
    quarantine: createQuarantineOperations(rooms),
    consent: createConsentOperations(rooms),
    audit: createAuditReads(rooms),
  };
}
