// What people say to the shop of the fault harness. Every message has a time of its own, so that no two
// of a person tie.
import { randomUUID } from 'node:crypto';

export const purposes = ['email_marketing', 'analytics'] as const;
export type Purpose = (typeof purposes)[number];

export interface Message {
  readonly type: 'identify' | 'track' | 'consent';
  readonly messageId: string;
  readonly timestamp: string;
  readonly userId: string;
  readonly event?: string;
  readonly traits?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly consents?: readonly Consent[];
}

export interface Consent {
  readonly purpose: Purpose;
  readonly status: 'granted' | 'withdrawn';
  readonly evidence: Readonly<Record<string, string>>;
}

export interface Speaker {
  identify(userId: string, traits: Message['traits']): Message;
  track(userId: string, event: string, properties?: Message['properties']): Message;
  consent(userId: string, status: Consent['status'], asked?: readonly Purpose[]): Message;
  /** A moment later than all before. */
  nextTime(): Date;
}

/** The name of the event that makes somebody a buyer. */
export const orderEvent = 'Order Completed';

export function emailOf(userId: string): string {
  return `${userId}@example.com`;
}

export function createSpeaker(now: () => number): Speaker {
  let last = 0;
  const nextTime = (): Date => new Date((last = Math.max(now(), last + 1)));
  const message = <Content extends Pick<Message, 'type'>>(userId: string, content: Content) => ({
    messageId: randomUUID(),
    timestamp: nextTime().toISOString(),
    userId,
    ...content,
  });
  return {
    nextTime,
    identify: (userId, traits = {}) =>
      message(userId, { type: 'identify', traits: { email: emailOf(userId), ...traits } }),
    track: (userId, event, properties = {}) =>
      message(userId, { type: 'track', event, properties }),
    consent: (userId, status, asked = purposes) =>
      message(userId, {
        type: 'consent',
        consents: asked.map((purpose) => ({ purpose, status, evidence: { form: 'preferences' } })),
      }),
  };
}
