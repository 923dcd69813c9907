// `sources` and `destinations` of an accepted document → what intake and delivery work with.
import type { DestinationLimits } from '@tributary/sdk';
import type { DestinationInstanceSettings } from '../delivery/settings.ts';
import type { SourceInstanceSettings } from '../intake/settings.ts';
import type { DestinationDocument, Named, SourceDocument } from './config-document.ts';
import { durationMs, sizeBytes } from './quantities.ts';

/** @param isPolled it reads what another system holds. */
export function buildSource(
  id: string,
  source: SourceDocument,
  isPolled: boolean,
): SourceInstanceSettings {
  const { trackingPlan } = source;
  return {
    id,
    plugin: source.plugin,
    settings: source.settings,
    mount: source.mount,
    pullEveryMs: durationMs(source.every),
    trust: source.trust,
    consent: {
      categories: toMap(source.consent.categories),
      authenticatedConsent: source.consent.authenticatedConsent,
    },
    trackingPlan: trackingPlan && {
      mode: trackingPlan.mode,
      events: toMap(trackingPlan.events),
    },
    historicalAfterMs: durationMs(source.historicalAfter),
    bringsBack: source.bringsBack ?? !isPolled,
    ...(source.retention !== undefined && { keepMs: durationMs(source.retention) }),
    enabled: source.enabled,
  };
}

export function buildDestination(
  id: string,
  destination: DestinationDocument,
): DestinationInstanceSettings {
  const { guards, retry } = destination;
  return {
    id,
    plugin: destination.plugin,
    settings: destination.settings,
    purposes: destination.purposes,
    contactPoints: destination.contactPoints,
    audiences: destination.audiences.map((sync) => ({ ...sync, traits: toMap(sync.traits) })),
    profiles: buildProfiles(destination.profiles),
    events: buildEvents(destination.events),
    actions: destination.actions.map(({ coolDown, ...action }) => ({
      ...action,
      traits: toMap(action.traits),
      coolDownMs: durationMs(coolDown),
    })),
    limits: buildLimits(destination.limits),
    guards,
    retry: {
      baseMs: durationMs(retry.base),
      capMs: durationMs(retry.cap),
      maxAttempts: retry.maxAttempts,
      maxRetryAfterMs: durationMs(retry.maxRetryAfter),
      breakerAfter: retry.breakerAfter,
    },
    dryRun: destination.dryRun,
    enabled: destination.enabled,
  };
}

function toMap<Value>(named: Named<Value>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(named));
}

function buildProfiles(
  profiles: DestinationDocument['profiles'],
): DestinationInstanceSettings['profiles'] {
  if (profiles === false) return undefined;
  if (profiles === true) return { audience: undefined, traits: new Map() };
  return { audience: profiles.audience, traits: toMap(profiles.traits) };
}

function buildEvents(events: DestinationDocument['events']): DestinationInstanceSettings['events'] {
  if (events === false) return undefined;
  if (events === true) return { types: ['track'], names: undefined };
  return { types: events.types, names: events.names && new Set(events.names) };
}

function buildLimits(limits: DestinationDocument['limits']): DestinationLimits {
  const { batchSize, timeout, pollAfter, ...counts } = limits;
  return {
    ...counts,
    ...(batchSize === undefined ? {} : { batchBytes: sizeBytes(batchSize) }),
    ...(timeout === undefined ? {} : { timeoutMs: durationMs(timeout) }),
    ...(pollAfter === undefined ? {} : { pollAfterMs: durationMs(pollAfter) }),
  };
}
