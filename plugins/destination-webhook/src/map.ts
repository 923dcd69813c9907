// A delivery as a message: `type`, `timestamp` and `data`, as Standard Webhooks lays a payload out.
import { createHash } from 'node:crypto';
import type {
  ChangeDelivery,
  DeliveryBase,
  EraseDelivery,
  EventDelivery,
  JsonObject,
  MemberDelivery,
  ProfileDelivery,
} from '@tributary/sdk';

/** One change on its way, whatever it is about. */
export interface Message {
  readonly handle: string;
  /** The receiver's key of deduplication: the same for every attempt at this change. */
  readonly id: string;
  /** Messages of one lane go out one after the other. */
  readonly lane: string;
  readonly type: string;
  /** ISO 8601: when the event happened; left out for changes, which happen when they are sent. */
  readonly timestamp?: string;
  readonly data: JsonObject;
}

/** The person entered the audience, or left it. */
export function memberMessage(
  type: 'audience.entered' | 'audience.left',
  audience: string,
  { traits, ...delivery }: MemberDelivery,
): Message {
  return changeMessage(type, delivery, { audience, ...whoOf(delivery), traits });
}

/** What the hub now knows of the person, or that she is no longer to be there. */
export function profileMessage(delivery: ProfileDelivery): Message {
  const { profileId, next } = delivery;
  const who = { profileId, ...whoOf(delivery) };
  return next === null
    ? changeMessage('profile.removed', delivery, who)
    : changeMessage('profile.updated', delivery, { ...who, traits: next });
}

/** The person is to be forgotten altogether. */
export function eraseMessage(delivery: EraseDelivery): Message {
  return changeMessage('profile.erased', delivery, whoOf(delivery));
}

/** Something happened. */
export function eventMessage({ handle, lane, event, ...delivery }: EventDelivery): Message {
  const { type, timestamp, messageId, receivedAt, ...rest } = event;
  return {
    handle,
    id: messageIdOf('event', messageId),
    lane,
    type: `event.${type}`,
    timestamp,
    data: {
      messageId,
      receivedAt,
      name: rest.name,
      ...whoOf(delivery),
      profileId: rest.profileId,
      identifiers: rest.identifiers.map(({ namespace, value }) => ({ namespace, value })),
      properties: rest.properties,
      traits: rest.traits,
      context: rest.context,
    },
  };
}

function changeMessage(
  type: string,
  { handle, key, changeId }: ChangeDelivery,
  data: JsonObject,
): Message {
  return { handle, id: messageIdOf('change', changeId), lane: key, type, data };
}

function whoOf({ key, identifier }: Pick<DeliveryBase, 'key' | 'identifier'>): JsonObject {
  const { namespace, value } = identifier;
  return { key, identifier: { namespace, value } };
}

// The id of a webhook may not hold a dot, and shows nobody's data.
function messageIdOf(kind: string, stable: string): string {
  const digest = createHash('sha256').update(`${kind}\0${stable}`).digest('base64url');
  return `msg_${digest.slice(0, 32)}`;
}
