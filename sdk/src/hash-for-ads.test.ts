import { describe, expect, it } from 'vitest';
import {
  googleEmail,
  googleName,
  googlePhone,
  hashGoogleEmail,
  hashGoogleName,
  hashGooglePhone,
  hashMetaEmail,
  hashMetaPhone,
  metaPhone,
} from './hash-for-ads.ts';

describe('keys for Google', () => {
  it.each([
    ['cloudy.sanfrancisco+shopping@gmail.com', 'cloudysanfrancisco@gmail.com'],
    [' A.B @ GoogleMail.com ', 'ab@googlemail.com'],
    ['user.name+NYC@Example.com', 'user.name+nyc@example.com'],
    ['+only@gmail.com', undefined],
    ['no address', undefined],
  ])('e-mail %j', (typed, key) => expect(googleEmail(typed)).toBe(key));

  it.each([
    ['+1 (800) 555-0100', '+18005550100'],
    ['+49 30/901820', '+4930901820'],
    ['(800) 555-0100', undefined],
    ['+0 123 4567', undefined],
  ])('phone %j', (typed, key) => expect(googlePhone(typed)).toBe(key));

  it.each([
    [' Mrs. Ada ', 'ada'],
    ['Lovelace, Jr.', 'lovelace'],
    ['Van der Berg', 'van der berg'],
    ['Dr.', undefined],
  ])('name %j', (typed, key) => expect(googleName(typed)).toBe(key));

  it('are SHA-256 in lower-case hex', () => {
    // printf %s cloudysanfrancisco@gmail.com | sha256sum, and so on
    expect(hashGoogleEmail('Cloudy.SanFrancisco+shopping@Gmail.com')).toBe(
      hashGoogleEmail('cloudysanfrancisco@gmail.com'),
    );
    expect(hashGoogleEmail('test@example.com')).toBe(
      '973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b',
    );
    expect(hashGooglePhone('+1 800 555 0100')).toMatch(/^[0-9a-f]{64}$/);
    expect(hashGoogleName('  ')).toBeUndefined();
  });
});

describe('keys for Meta', () => {
  it('are digits without a plus, and addresses unfolded', () => {
    expect(metaPhone('+1 (800) 555-0100')).toBe('18005550100');
    expect(hashMetaPhone('+18005550100')).not.toBe(hashGooglePhone('+18005550100'));
    expect(hashMetaEmail('A.B@gmail.com')).not.toBe(hashMetaEmail('ab@gmail.com'));
  });
});
