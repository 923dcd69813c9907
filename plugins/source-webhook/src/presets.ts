// How known senders sign, as data: each is what `verify.hmac` could say by hand, with the message id that
// stays the same when the sender tries again. Facts of the vendors' documentation.
import type { HmacSettings, Settings } from './settings.ts';

export interface Preset {
  readonly hmac: HmacSettings;
  /** JSONata. Default: the hash of the body, where retries send the same bytes. */
  readonly messageId?: string;
}

export type PresetName = Exclude<NonNullable<Settings['verify']['preset']>, 'standard-webhooks'>;

export const presets: Readonly<Record<PresetName, Preset>> = {
  // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
  github: { hmac: { header: 'x-hub-signature-256', prefix: 'sha256=' } },
  // https://docs.stripe.com/webhooks: one `v1` per secret while one is rolled. `pending_webhooks` differs
  // between attempts, so the body's hash would not do.
  stripe: {
    hmac: {
      header: 'stripe-signature',
      pairs: { signature: 'v1', timestamp: 't' },
      signed: '{timestamp}.{body}',
    },
    messageId: 'id',
  },
  // https://shopify.dev/docs/apps/build/webhooks: neither headers nor a time are signed. Topic and event id
  // could be made up by whoever sends a captured message again, so the body alone tells messages apart.
  shopify: { hmac: { header: 'x-shopify-hmac-sha256', encoding: 'base64' } },
  // https://api.slack.com/authentication/verifying-requests-from-slack
  slack: {
    hmac: {
      header: 'x-slack-signature',
      prefix: 'v0=',
      signed: 'v0:{timestamp}:{body}',
      timestamp: { header: 'x-slack-request-timestamp' },
    },
    messageId: 'event_id',
  },
  // https://developer.calendly.com: Stripe's form under another name.
  calendly: {
    hmac: {
      header: 'calendly-webhook-signature',
      pairs: { signature: 'v1', timestamp: 't' },
      signed: '{timestamp}.{body}',
    },
  },
  // https://developer.paddle.com/webhooks/signature-verification
  paddle: {
    hmac: {
      header: 'paddle-signature',
      pairs: { separator: ';', signature: 'h1', timestamp: 'ts' },
      signed: '{timestamp}:{body}',
    },
    messageId: 'event_id',
  },
  // https://developers.intercom.com: SHA-1 is all that it offers.
  intercom: {
    hmac: { header: 'x-hub-signature', algorithm: 'sha1', prefix: 'sha1=' },
    messageId: 'id',
  },
  // https://www.typeform.com/developers/webhooks/secure-your-webhooks
  typeform: {
    hmac: { header: 'typeform-signature', encoding: 'base64', prefix: 'sha256=' },
    messageId: 'event_id',
  },
  // https://developer.zendesk.com/documentation/webhooks/verifying: the time is ISO 8601.
  zendesk: {
    hmac: {
      header: 'x-zendesk-webhook-signature',
      encoding: 'base64',
      signed: '{timestamp}{body}',
      timestamp: { header: 'x-zendesk-webhook-signature-timestamp', unit: 'iso' },
    },
  },
};
