import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectSecrets, redactSecrets } from './redact.ts';

const secret = 'SG.aB3/x+y=&"z"';

describe('redaction', () => {
  it.each([
    ['plain', secret],
    ['in a URL', `https://v.example/?key=${encodeURIComponent(secret)}`],
    ['in JSON', JSON.stringify({ key: secret })],
    ['in hex', Buffer.from(secret).toString('hex')],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in Basic credentials', `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}`],
    ['as a user name', `Basic ${Buffer.from(`${secret}:`).toString('base64')}`],
  ])('takes a secret out of a text: %s', (_title, text) => {
    const redacted = redactSecrets(text, [secret]);
    expect(redacted).toContain('[secret]');
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      expect(redacted).not.toContain(form);
    }
  });

  it('leaves no secret in any text, however often it stands there', () => {
    const anySecret = fc.string({ minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(anySecret, { minLength: 1 }),
        fc.array(fc.string()),
        (secrets, parts) => {
          const text = parts.map((part, index) => part + (secrets[index] ?? secrets[0])).join('');
          const redacted = redactSecrets(text, secrets);
          for (const value of secrets) {
            // The mark itself may happen to hold a short secret.
            expect(redacted.split('[secret]').some((piece) => piece.includes(value))).toBe(false);
          }
        },
      ),
    );
  });

  it('takes the longer of two secrets first, and leaves short words alone', () => {
    expect(redactSecrets('abcd-efgh abcd', ['abcd', 'abcd-efgh'])).toBe('[secret] [secret]');
    expect(redactSecrets('a key is a key', ['a', 'key', ''])).toBe('a key is a key');
  });
});

describe('which settings are secret', () => {
  it('finds them wherever the schema puts them', () => {
    const schema = {
      type: 'object',
      $defs: { pair: { type: 'object', properties: { token: { writeOnly: true } } } },
      properties: {
        url: { type: 'string' },
        key: { type: 'string', writeOnly: true },
        secrets: { type: 'array', items: { type: 'string', writeOnly: true } },
        account: { $ref: '#/$defs/pair' },
        login: { anyOf: [{ type: 'object', properties: { password: { writeOnly: true } } }] },
        headers: { type: 'object', writeOnly: true },
        others: { type: 'object', additionalProperties: { writeOnly: true } },
        byName: { type: 'object', patternProperties: { '^x-': { writeOnly: true } } },
      },
    };
    const settings = {
      url: 'https://public.example',
      key: 'k1',
      secrets: ['k2', 'k3'],
      account: { token: 'k4', name: 'public' },
      login: { user: 'public', password: 'k5' },
      headers: { authorization: 'k6', nested: { deep: ['k7'] } },
      others: { a: 'k8' },
      byName: { 'x-key': 'k9', plain: 'public' },
    };
    expect(collectSecrets(schema, settings).sort()).toEqual(
      ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9'].sort(),
    );
  });

  it('ends on a schema that refers to itself', () => {
    const schema = { $ref: '#', properties: { key: { writeOnly: true } } };
    expect(collectSecrets(schema, { key: 'k' })).toEqual(['k']);
  });
});
