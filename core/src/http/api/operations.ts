// The table: everything that the API can do, in the order of the docs.
import type { Operation } from './operation.ts';
import { listAudiences, listMembers, readAudience } from './operations/audience-operations.ts';
import { listAudit, verifyAuditLog } from './operations/audit-operations.ts';
import { readConsents, recordConsent } from './operations/consent-operations.ts';
import {
  dropDeadLetters,
  listDeadLetters,
  replayDeadLetters,
} from './operations/dead-letter-operations.ts';
import {
  approveGuard,
  listDestinations,
  listSources,
  pauseDestination,
  readDestination,
  resumeDestination,
  resyncDestination,
} from './operations/instance-operations.ts';
import { createKey, listKeys, revokeKey } from './operations/key-operations.ts';
import {
  findProfileByIdentifier,
  listEvents,
  listEvidence,
  listIdentifiers,
  listProfileAudiences,
  listProfileDeliveries,
  lookUpProfile,
  readProfile,
} from './operations/profile-operations.ts';
import {
  dropQuarantined,
  listQuarantine,
  readQuarantined,
  replayQuarantined,
} from './operations/quarantine-operations.ts';

export const operations: readonly Operation[] = [
  findProfileByIdentifier,
  lookUpProfile,
  readProfile,
  listIdentifiers,
  listEvidence,
  listEvents,
  listProfileAudiences,
  listProfileDeliveries,
  readConsents,
  recordConsent,
  listAudiences,
  readAudience,
  listMembers,
  listSources,
  listDestinations,
  readDestination,
  pauseDestination,
  resumeDestination,
  approveGuard,
  resyncDestination,
  listDeadLetters,
  replayDeadLetters,
  dropDeadLetters,
  listQuarantine,
  readQuarantined,
  replayQuarantined,
  dropQuarantined,
  listAudit,
  verifyAuditLog,
  listKeys,
  createKey,
  revokeKey,
];
