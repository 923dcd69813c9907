import { expect, it } from 'vitest';
import { validateSettings, type Settings } from './settings.ts';
import { hashOfKey } from './write-keys.ts';

const key = 'a-write-key';
const kind = 'server';

function pathsOf(change: Partial<Settings>): string[] {
  return validateSettings({ writeKeys: [{ key, kind }], ...change }).map(({ path }) => path);
}

const hash = `sha256:${hashOfKey(key)}`;
const cases: { what: string; change: Partial<Settings>; paths: string[] }[] = [
  { what: 'a key', change: {}, paths: [] },
  { what: 'its hash', change: { writeKeys: [{ hash, kind }] }, paths: [] },
  { what: 'neither', change: { writeKeys: [{ kind }] }, paths: ['/writeKeys/0'] },
  { what: 'both', change: { writeKeys: [{ key, hash, kind }] }, paths: ['/writeKeys/0'] },
  {
    what: 'a secret that is public as well',
    change: {
      writeKeys: [
        { key, kind },
        { hash, kind: 'client' },
      ],
    },
    paths: ['/writeKeys/1'],
  },
  {
    what: 'an end that is no time',
    change: { writeKeys: [{ key, kind, expiresAt: 'tomorrow' }] },
    paths: ['/writeKeys/0/expiresAt'],
  },
  { what: 'a place', change: { publicUrl: 'https://hub.example/in' }, paths: [] },
  { what: 'a place without a scheme', change: { publicUrl: 'hub.example' }, paths: ['/publicUrl'] },
  { what: 'a place with a query', change: { publicUrl: 'https://h/?a=1' }, paths: ['/publicUrl'] },
  { what: 'an origin', change: { allowedOrigins: ['https://a.example:8443'] }, paths: [] },
  {
    what: 'origins that no browser says',
    change: { allowedOrigins: ['a.example', 'https://a.example/', 'https://a.example', '*'] },
    paths: ['/allowedOrigins/0', '/allowedOrigins/1', '/allowedOrigins/3'],
  },
];

it.each(cases)('$what', ({ change, paths }) => {
  expect(pathsOf(change)).toEqual(paths);
});

it('never repeats a key in what it says', () => {
  const problems = validateSettings({
    writeKeys: [
      { key, kind },
      { key, hash, kind },
    ],
  });
  expect(problems.length).toBeGreaterThan(0);
  expect(JSON.stringify(problems)).not.toContain(key);
});
