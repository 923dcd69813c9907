// The table of operations as others see it: the command line and its page are made from it too.
export { hasCommand, type CommandText } from './api/command-text.ts';
export { membersOf, type Member } from './api/openapi.ts';
export type { Operation } from './api/operation.ts';
export { operations } from './api/operations.ts';
export { readJob } from './api/operations/job-operations.ts';
export { applyChange, planChange, readChange } from './api/operations/change-operations.ts';
export { keyOnWire } from './api/operations/key-operations.ts';
export { lookUpProfile } from './api/operations/profile-operations.ts';
export { schemas } from './api/schemas.ts';
