// Wires the API's questions to the rooms that know the answers.
import type { Hub } from './hub-reads.ts';
import { createAudienceReads } from './reads/audience-reads.ts';
import { createAuditReads } from './reads/audit-reads.ts';
import { createBackupOperations } from './reads/backups.ts';
import { createConsentOperations } from './reads/consent-operations.ts';
import { createDeadLetterOperations } from './reads/dead-letters.ts';
import { createDecisionOperations } from './reads/decisions.ts';
import { createDestinationOperations } from './reads/destination-operations.ts';
import { createExplainReads } from './reads/explain-reads.ts';
import { createProfileReads } from './reads/profile-reads.ts';
import { createQuarantineOperations } from './reads/quarantine.ts';
import { createSourceReads } from './reads/source-reads.ts';
import type { Rooms } from './reads/rooms.ts';

export function createHubReads(rooms: Rooms): Hub {
  return {
    profiles: createProfileReads(rooms),
    audiences: createAudienceReads(rooms),
    sources: createSourceReads(rooms),
    destinations: createDestinationOperations(rooms),
    deadLetters: createDeadLetterOperations(rooms),
    quarantine: createQuarantineOperations(rooms),
    explain: createExplainReads(rooms),
    consent: createConsentOperations(rooms),
    decisions: createDecisionOperations(rooms),
    audit: createAuditReads(rooms),
    backups: createBackupOperations(rooms),
    changes: rooms.changes,
    privacy: rooms.privacy,
  };
}
