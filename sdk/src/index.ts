// The contract a Tributary plugin is written against.
export {
  addressNotPublic,
  createGuardedAgent,
  isPublicAddress,
  type AddressLookup,
} from './address-guard.ts';
export type {
  AddressGuard,
  Clock,
  LogFields,
  PluginContext,
  PluginFetch,
  PluginFetchInit,
  PluginLogger,
} from './context.ts';
export { createPluginFetch, type FetchCall, type PluginFetchOptions } from './create-fetch.ts';
export {
  defineDestination,
  type ChangeDelivery,
  type DeliveryBase,
  type DestinationCall,
  type DestinationDefinition,
  type DestinationLimits,
  type DestinationPlugin,
  type EraseDelivery,
} from './destination.ts';
export type { ActionDefinition, ActionDelivery } from './destination-action.ts';
export type {
  AppendAudience,
  AudienceCall,
  AudienceFeature,
  MemberDelivery,
  MirrorAudience,
} from './destination-audience.ts';
export type { EventDelivery, EventFeature, ForwardedEvent } from './destination-event.ts';
export type { ProfileDelivery, ProfileFeature } from './destination-profile.ts';
export { formatDuration, parseDuration } from './duration.ts';
export {
  googleEmail,
  googleName,
  googlePhone,
  hashGoogleEmail,
  hashGoogleName,
  hashGooglePhone,
  hashMetaEmail,
  hashMetaPhone,
  metaEmail,
  metaPhone,
  sha256Hex,
} from './hash-for-ads.ts';
export { classifyStatus, parseRetryAfter, rateLimitReset, type AnswerHead } from './http-status.ts';
export { isJsonObject, type JsonObject, type JsonPrimitive, type JsonValue } from './json.ts';
export {
  findUnstorableText,
  measureJson,
  type JsonBounds,
  type JsonMeasure,
  type UnstorableText,
} from './measure-json.ts';
export { normaliseCountry } from './normalise-country.ts';
export { normaliseCurrency } from './normalise-currency.ts';
export { normaliseEmail } from './normalise-email.ts';
export { normalisePhone } from './normalise-phone.ts';
export { normaliseTime, parseIsoTime, type TimeBounds } from './normalise-time.ts';
export {
  outcomeOfError,
  outcomeOfUnsent,
  retryCauses,
  sameOutcome,
  type DeliveryOutcome,
  type Outcome,
  type OutcomeKind,
  type RetryCause,
} from './outcome.ts';
export { isPlugin, specVersion, type PluginMark } from './plugin.ts';
export {
  isPluginError,
  PluginError,
  pluginErrorKinds,
  type PluginErrorDetails,
  type PluginErrorKind,
} from './plugin-error.ts';
export {
  bodyNotJson,
  readJsonBody,
  type BodyBounds,
  type BodyProblem,
  type ReadBody,
} from './read-json-body.ts';
export { collectSecrets, createRedactor, redactSecrets } from './redact.ts';
export {
  recordTypes,
  trustLevels,
  unreadableRecord,
  type AliasRecord,
  type ConsentChange,
  type ConsentRecord,
  type DeleteRecord,
  type GroupRecord,
  type Identifier,
  type IdentifyRecord,
  type PageRecord,
  type RecordType,
  type SourceRecord,
  type TrackRecord,
  type Trust,
} from './record.ts';
export {
  createRecordValidator,
  type RecordBounds,
  type RecordShape,
  type RecordValidator,
} from './record-schema.ts';
export type {
  SettingsFinding,
  SettingsOf,
  SettingsSchema,
  SettingsTest,
  UnknownSettings,
} from './settings.ts';
export { saysNo } from './says-no.ts';
export {
  migrateSettings,
  settingsVersion,
  type MigratedSettings,
  type SettingsMigration,
  type WithMigrations,
} from './settings-migration.ts';
export {
  signHmac,
  verifyHmac,
  type HmacCheck,
  type HmacScheme,
  type SignatureVerdict,
  type SignedText,
} from './signature.ts';
export {
  createWebhookVerifier,
  describeWebhookKeyProblem,
  describeWebhookSecretProblem,
  signWebhook,
  verifyWebhook,
  type IncomingWebhook,
  type WebhookCheck,
  type WebhookHeaders,
  type WebhookMessage,
} from './standard-webhook.ts';
export { textOfNumber } from './text-of-number.ts';
export {
  defineSource,
  type HttpAnswer,
  type Receipt,
  type SourceAnswer,
  type SourceCall,
  type SourceDefinition,
  type SourceHttp,
  type SourcePage,
  type SourcePlugin,
  type SourcePreview,
  type SourceRequest,
  type SourceSample,
} from './source.ts';
