// The table: everything that the API can do, in the order of the docs.
import type { Operation } from './operation.ts';
import {
  listAudiences,
  listMembers,
  previewAudience,
  readAudience,
} from './operations/audience-operations.ts';
import { exportAudit, listAudit, verifyAuditLog } from './operations/audit-operations.ts';
import { takeBackup } from './operations/backup-operations.ts';
import {
  applyChange,
  planChange,
  readChange,
  rebuildPeople,
} from './operations/change-operations.ts';
import { readConsents, recordConsent } from './operations/consent-operations.ts';
import {
  liftSeparation,
  listDecisions,
  mergePeople,
  retractEvidence,
  separatePeople,
} from './operations/decision-operations.ts';
import {
  dropDeadLetters,
  listDeadLetters,
  listDeadLettersOf,
  readDeadLetter,
  replayDeadLetters,
} from './operations/dead-letter-operations.ts';
import {
  approveGuard,
  listDestinations,
  listSources,
  pauseDestination,
  readDestination,
  resetDestination,
  resumeDestination,
  resyncDestination,
} from './operations/instance-operations.ts';
import {
  listActions,
  listOpenEvents,
  settleAction,
  settleEvent,
} from './operations/doubt-operations.ts';
import {
  explainDelivery,
  explainMembership,
  explainMerge,
  explainTrait,
} from './operations/explain-operations.ts';
import { readJob } from './operations/job-operations.ts';
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
  confirmErasure,
  exportPerson,
  listPrivacyRequests,
  correctPerson,
  erasePerson,
  readPrivacyRequest,
  recordObjection,
} from './operations/privacy-operations.ts';
import { readProcessingRecord, readRetention } from './operations/processing-operations.ts';
import {
  dropQuarantined,
  listQuarantine,
  readQuarantined,
  replayQuarantined,
} from './operations/quarantine-operations.ts';
import {
  pauseSource,
  pullSource,
  readCheckpoint,
  resetCheckpoint,
  resumeSource,
  setCheckpoint,
} from './operations/source-operations.ts';

export const operations: readonly Operation[] = [
  findProfileByIdentifier,
  lookUpProfile,
  readProfile,
  listIdentifiers,
  listEvidence,
  listEvents,
  listProfileAudiences,
  listProfileDeliveries,
  explainTrait,
  explainMembership,
  explainMerge,
  explainDelivery,
  mergePeople,
  separatePeople,
  liftSeparation,
  retractEvidence,
  listDecisions,
  readConsents,
  recordConsent,
  listAudiences,
  readAudience,
  listMembers,
  previewAudience,
  listSources,
  readCheckpoint,
  setCheckpoint,
  resetCheckpoint,
  pullSource,
  pauseSource,
  resumeSource,
  listDestinations,
  readDestination,
  pauseDestination,
  resumeDestination,
  approveGuard,
  resyncDestination,
  resetDestination,
  listActions,
  settleAction,
  listOpenEvents,
  settleEvent,
  listDeadLetters,
  listDeadLettersOf,
  readDeadLetter,
  replayDeadLetters,
  dropDeadLetters,
  listQuarantine,
  readQuarantined,
  replayQuarantined,
  dropQuarantined,
  erasePerson,
  exportPerson,
  recordObjection,
  correctPerson,
  listPrivacyRequests,
  readPrivacyRequest,
  confirmErasure,
  readProcessingRecord,
  readRetention,
  listAudit,
  exportAudit,
  verifyAuditLog,
  readJob,
  takeBackup,
  rebuildPeople,
  readChange,
  planChange,
  applyChange,
  listKeys,
  createKey,
  revokeKey,
];
