import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUnstorableText, measureJson } from './measure-json.ts';

const wide = { maxDepth: 1_000, maxBytes: 1e9 };

describe('the measure of JSON', () => {
  it('is what writing it out would give', () => {
    const anyJson = fc.jsonValue({ depthSize: 'medium', noUnicodeString: false });
    fc.assert(
      fc.property(anyJson, (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(measureJson(value, wide)).toMatchObject({ ok: true, bytes });
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = Buffer.byteLength(JSON.stringify({ [text]: text }));
        expect(measureJson({ [text]: text }, wide)).toMatchObject({ bytes });
      }),
    );
  });

  it('leaves out what JSON leaves out', () => {
    expect(measureJson({ a: undefined, b: 1 }, wide)).toEqual({ ok: true, bytes: 7, depth: 1 });
    expect(measureJson('\ud800', wide)).toMatchObject({ bytes: 8 });
    expect(measureJson(-0, wide)).toMatchObject({ bytes: 1, depth: 0 });
  });

  it.each([
    ['deep', { a: { b: [[]] } }, 'too_deep'],
    ['large', { a: 'x'.repeat(100) }, 'too_large'],
    ['large by its names', { ['x'.repeat(100)]: 1 }, 'too_large'],
    ['a date', { at: new Date(0) }, 'not_json'],
    ['not a number', [Number.NaN], 'not_json'],
    ['a function', { f: () => 1 }, 'not_json'],
    ['nothing', undefined, 'not_json'],
    ['a big integer', [1n], 'not_json'],
  ])('refuses what is %s', (_title, value, reason) => {
    expect(measureJson(value, { maxDepth: 3, maxBytes: 50 })).toEqual({ ok: false, reason });
  });

  it('ends on a value that holds itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(measureJson(value, { maxDepth: 50, maxBytes: 1e6 })).toEqual({
      ok: false,
      reason: 'too_deep',
    });
  });
});

describe('text that cannot be stored', () => {
  it.each([
    [{ a: ['ok', 'bad\0'] }, { path: '/a/1', problem: 'nul' }],
    [{ a: { b: '\ud800' } }, { path: '/a/b', problem: 'lone_surrogate' }],
    [{ 'x/y~\0': 1 }, { path: '/x~1y~0\u{fffd}', problem: 'nul' }],
    ['\udc00', { path: '', problem: 'lone_surrogate' }],
    [{ emoji: '😀', none: null, n: 1 }, undefined],
  ])('%#', (value, found) => expect(findUnstorableText(value)).toEqual(found));

  it('is found exactly where there is any', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        const bad = texts.some((text) => text.includes('\0') || !text.isWellFormed());
        expect(findUnstorableText({ texts }) !== undefined).toBe(bad);
      }),
    );
  });
});
