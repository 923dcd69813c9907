// One request: a message alone or, where the receiver takes batches, several.
import {
  isPluginError,
  outcomeOfError,
  PluginError,
  type JsonObject,
  type Outcome,
} from '@tributary/sdk';
import { createHash } from 'node:crypto';
import { sendWebhook, type Payload, type WebhookCall } from './client.ts';
import type { Message } from './map.ts';

export type Group = readonly Message[];

/**
 * Lanes of groups: groups of a lane go out one after the other. One message per group, each key or
 * lane of events a lane of its own; or all of them as one group, which keeps every order.
 */
export function groupMessages(messages: readonly Message[], batch: boolean): readonly Group[][] {
  if (batch) return messages.length === 0 ? [] : [[messages]];
  const lanes = Map.groupBy(messages, ({ lane }) => lane);
  return [...lanes.values()].map((lane) => lane.map((message) => [message]));
}

/**
 * Sends a group and notes the outcome of each message that was sent. Returns the error where the
 * receiver is in trouble: what has no outcome then was not sent.
 */
export async function sendGroup(
  call: WebhookCall,
  group: Group,
  outcomes: Map<string, Outcome>,
): Promise<PluginError | undefined> {
  const note = (outcome: Outcome): void => {
    for (const { handle } of group) outcomes.set(handle, outcome);
  };
  const error = await failureOf(async () => sendWebhook(call, idOf(group), payloadOf(call, group)));
  if (error === undefined) {
    note({ kind: 'delivered' });
    return undefined;
  }
  switch (error.kind) {
    case 'rejected':
      return refuse(call, group, outcomes, error);
    case 'unknown':
    case 'auth':
    case 'rate_limited':
    case 'transient':
      note(outcomeOfError(error));
      return error;
  }
}

async function failureOf(work: () => Promise<void>): Promise<PluginError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (isPluginError(error)) return error;
    return new PluginError('unknown', 'sending failed in a way that is not known');
  }
}

/** A refused batch is sent in halves: what is wrong with one message is no reason to refuse others. */
async function refuse(
  call: WebhookCall,
  group: Group,
  outcomes: Map<string, Outcome>,
  error: PluginError,
): Promise<PluginError | undefined> {
  const [first] = group;
  if (group.length <= 1) {
    if (first) outcomes.set(first.handle, outcomeOfError(error));
    return undefined;
  }
  const middle = Math.ceil(group.length / 2);
  const failed = await sendGroup(call, group.slice(0, middle), outcomes);
  return failed ?? sendGroup(call, group.slice(middle), outcomes);
}

function idOf(group: Group): string {
  const [first] = group;
  if (first && group.length === 1) return first.id;
  const digest = createHash('sha256').update(group.map(({ id }) => id).join('\n'));
  return `batch_${digest.digest('base64url').slice(0, 32)}`;
}

function payloadOf({ clock, settings }: WebhookCall, group: Group): Payload {
  const now = new Date(clock.now()).toISOString();
  const [first] = group;
  if (first && !settings.batch) {
    return { type: first.type, timestamp: first.timestamp ?? now, data: first.data };
  }
  const data = group.map(({ id, type, timestamp, data: item }): JsonObject => ({
    id,
    type,
    timestamp: timestamp ?? now,
    data: item,
  }));
  return { type: 'batch', timestamp: now, data };
}
