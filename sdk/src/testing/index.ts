// The kit that tests a plugin against the contract, with or without a test framework.
export {
  registerChecks,
  runChecks,
  skipCheck,
  type CheckResult,
  type ContractCheck,
} from './contract-check.ts';
export { explainCheck, type CheckExplanation } from './explain-check.ts';
export type { OldSettings } from './old-settings-checks.ts';
export { describeRecordProblem } from './describe-record.ts';
export type {
  DestinationCases,
  DestinationExample,
  DestinationInput,
  ExpectedRequest,
  ListExample,
  VendorDialect,
  VendorScenario,
} from './destination-cases.ts';
export {
  startLoopbackVendor,
  type LoopbackVendor,
  type VendorAnswer,
  type VendorReaction,
  type VendorRequest,
} from './loopback-vendor.ts';
export type {
  IncomingExample,
  SigningDialect,
  SourceCases,
  SourceExample,
} from './source-cases.ts';
export {
  playDestination,
  type DestinationStage,
  type Play,
  type PlayOptions,
} from './play-destination.ts';
export {
  playPull,
  playRequest,
  playStream,
  type PullPlay,
  type RequestOptions,
  type SourceStage,
  type StreamPlay,
} from './play-source.ts';
export { createTestClock, type TestClock, type TestClockOptions } from './test-clock.ts';
export {
  createTestContext,
  createTestRandom,
  type TestContext,
  type TestContextOptions,
} from './test-context.ts';
export { testDestination } from './test-destination.ts';
export { createTestLog, holdsSecret, type TestLog, type TestLogLine } from './test-log.ts';
export {
  createSettingsValidator,
  validateSettings,
  type SettingsProblem,
  type SettingsVerdict,
} from './validate-settings.ts';
export { ContractViolation } from './violation.ts';
export { testSource } from './test-source.ts';
