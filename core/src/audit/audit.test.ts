// Whoever changes, removes, adds or reorders entries is found, by the number of the first bad one.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import { dynamicStatement } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { appendAudit } from './append.ts';
import type { AuditEntry } from './entry.ts';
import { createAuditRecorder } from './group-append.ts';
import { chainOf, genesis, leafOf } from './leaf.ts';
import { readAuditHead, readAuditTail } from './read.ts';
import { verifyAudit, type AuditVerdict, type KnownHead } from './verify.ts';

const entry = (n: number): AuditEntry => ({
  kind: 'delivery.batch',
  at: Date.UTC(2026, 0, 1) + n * 1_000,
  actor: 'delivery:mail',
  subjects: ['3f333df6-90a4-4fda-8dd3-9485d27cee36'],
  details: { list: 'readers', added: n },
});

async function write(store: Store, count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, place) => entry(place + 1));
  await store.transaction('background', (transaction) => appendAudit(transaction, entries));
}

async function run(store: Store, sql: string, ...parameters: unknown[]): Promise<void> {
  await store.query('background', dynamicStatement('test.tamper', sql), parameters);
}

interface Row {
  number: number;
  entry: string;
  leaf: Uint8Array;
  chain: Uint8Array;
}

async function rowsOf(store: Store): Promise<Row[]> {
  const sql = 'SELECT number, entry, leaf, chain FROM audit ORDER BY number';
  return store.query<Row>('background', dynamicStatement('test.rows', sql));
}

/** What somebody with the database in her hands would do: everything made to fit again. */
async function rewriteFrom(store: Store, number: number, withHead: boolean): Promise<void> {
  let chain = genesis;
  for (const row of await rowsOf(store)) {
    const text = row.number === number ? row.entry.replace('mail', 'mole') : row.entry;
    const leaf = leafOf(text);
    chain = chainOf(chain, leaf);
    await run(
      store,
      'UPDATE audit SET entry = $2, leaf = $3, chain = $4 WHERE number = $1',
      row.number,
      text,
      leaf,
      chain,
    );
  }
  if (withHead) await run(store, 'UPDATE audit_head SET chain = $1', chain);
}

async function headNow(store: Store): Promise<KnownHead> {
  const { size, chain } = await readAuditHead(store);
  return { size, hash: Buffer.from(chain).toString('hex') };
}

function found(verdict: AuditVerdict): [string, number] | 'intact' {
  return verdict.intact ? 'intact' : [verdict.fault.code, verdict.fault.number];
}

eachStore('audit log', (open) => {
  const clean = withCleanStore(open);
  let store: Store;
  beforeEach(async () => {
    store = await clean();
  });

  it('starts at the genesis that the migration wrote', async () => {
    expect(Buffer.from((await readAuditHead(store)).chain)).toEqual(genesis);
    expect(await verifyAudit(store)).toMatchObject({ intact: true, size: 0 });
  });

  it('numbers densely with several writers at once', async () => {
    const recorder = createAuditRecorder(store);
    await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => recorder.record(entry(n))),
      ...Array.from({ length: 10 }, (_, n) => write(store, n)),
    ]);
    expect((await rowsOf(store)).map((row) => row.number)).toEqual(
      Array.from({ length: 65 }, (_, place) => place + 1),
    );
    expect(await verifyAudit(store, { pageSize: 7 })).toMatchObject({ intact: true, size: 65 });
  });

  it('leaves nothing behind when its transaction fails', async () => {
    const failed = store.transaction('background', async (transaction) => {
      await appendAudit(transaction, [entry(1)]);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await verifyAudit(store)).toMatchObject({ intact: true, size: 0 });
  });

  it('keeps canonical JSON with number and time, and no free text', async () => {
    const text = 'Mail to ada@example.com bounced';
    await store.transaction('background', (transaction) =>
      appendAudit(transaction, [
        { ...entry(1), details: { code: 'REJECTED', words: text, mail: 'ada@example.com' } },
      ]),
    );
    const [row] = await rowsOf(store);
    expect(row?.entry).toBe(
      `{"actor":"delivery:mail","at":"2026-01-01T00:00:01.000Z","details":{"code":"REJECTED","mail":"sha256:${sha256('ada@example.com')}","words":"sha256:${sha256(text)}"},"kind":"delivery.batch","number":1,"subjects":["3f333df6-90a4-4fda-8dd3-9485d27cee36"]}`,
    );
  });

  it('reads the newest entries, a page at a time', async () => {
    await write(store, 5);
    const numbers = async (before?: number): Promise<unknown[]> => {
      const page = await store.transaction('background', (transaction) =>
        readAuditTail(transaction, { limit: 2, ...(before === undefined ? {} : { before }) }),
      );
      return page.map((item) => item['number']);
    };
    expect(await numbers()).toEqual([5, 4]);
    expect(await numbers(4)).toEqual([3, 2]);
  });

  describe('tampering', () => {
    beforeEach(() => write(store, 10));

    it.each<[string, string, [string, number]]>([
      [
        'a changed entry',
        "UPDATE audit SET entry = replace(entry, 'mail', 'mole') WHERE number = 4",
        ['AUDIT_LEAF_CHANGED', 4],
      ],
      [
        'a changed leaf',
        "UPDATE audit SET leaf = sha256('x') WHERE number = 4",
        ['AUDIT_LEAF_CHANGED', 4],
      ],
      [
        'a changed chain',
        "UPDATE audit SET chain = sha256('x') WHERE number = 4",
        ['AUDIT_CHAIN_BROKEN', 4],
      ],
      [
        'a changed time of a row',
        "UPDATE audit SET at = at + interval '1 hour' WHERE number = 4",
        ['AUDIT_ENTRY_CHANGED', 4],
      ],
      [
        'an entry and its leaf',
        "UPDATE audit SET entry = replace(entry, 'mail', 'mole'), leaf = sha256('\\x00'::bytea || convert_to(replace(entry, 'mail', 'mole'), 'UTF8')) WHERE number = 4",
        ['AUDIT_CHAIN_BROKEN', 4],
      ],
      [
        'an entry written another way',
        "UPDATE audit SET entry = entry || ' ', leaf = sha256('\\x00'::bytea || convert_to(entry || ' ', 'UTF8')) WHERE number = 4",
        ['AUDIT_ENTRY_CHANGED', 4],
      ],
      ['a deleted entry', 'DELETE FROM audit WHERE number = 4', ['AUDIT_ENTRY_MISSING', 4]],
      ['a deleted first entry', 'DELETE FROM audit WHERE number = 1', ['AUDIT_ENTRY_MISSING', 1]],
      ['a deleted tail', 'DELETE FROM audit WHERE number > 7', ['AUDIT_CUT', 8]],
      ['everything deleted', 'DELETE FROM audit', ['AUDIT_CUT', 1]],
      [
        'two swapped',
        'UPDATE audit a SET entry = b.entry, leaf = b.leaf, chain = b.chain FROM audit b WHERE (a.number, b.number) IN ((3, 6), (6, 3))',
        ['AUDIT_ENTRY_CHANGED', 3],
      ],
      [
        'one inserted at the end',
        'INSERT INTO audit SELECT 11, at, entry, leaf, chain FROM audit WHERE number = 10',
        ['AUDIT_ENTRY_CHANGED', 11],
      ],
      [
        'one inserted between',
        'UPDATE audit SET number = number + 100 WHERE number > 4; UPDATE audit SET number = number - 99 WHERE number > 100; INSERT INTO audit SELECT 5, at, entry, leaf, chain FROM audit WHERE number = 4',
        ['AUDIT_ENTRY_CHANGED', 5],
      ],
    ])('%s is found', async (_, sql, expected) => {
      expect(found(await verifyAudit(store))).toBe('intact');
      for (const part of sql.split('; ')) await run(store, part);
      expect(found(await verifyAudit(store))).toEqual(expected);
      expect(found(await verifyAudit(store, { pageSize: 3 }))).toEqual(expected);
    });

    it('an entry that was added as the log itself would add it is found by the head row', async () => {
      const text = `{"actor":"x","at":"2026-01-01T00:00:00.000Z","kind":"data.read","number":11}`;
      const { chain } = await readAuditHead(store);
      const leaf = leafOf(text);
      await run(
        store,
        'INSERT INTO audit VALUES (11, $1::timestamptz, $2, $3, $4)',
        '2026-01-01T00:00:00Z',
        text,
        leaf,
        chainOf(chain, leaf),
      );
      expect(found(await verifyAudit(store))).toEqual(['AUDIT_ENTRY_ADDED', 11]);
    });

    it('a rewrite from an entry to the end is found by the head row', async () => {
      await rewriteFrom(store, 4, false);
      expect(found(await verifyAudit(store))[0]).toBe('AUDIT_REWRITTEN');
    });
  });

  describe('with heads from outside', () => {
    it('a perfect rewrite is found, between the last good head and the first bad one', async () => {
      const heads: KnownHead[] = [];
      for (const count of [3, 3, 3]) {
        await write(store, count);
        heads.push(await headNow(store));
      }
      await rewriteFrom(store, 5, true);
      expect(found(await verifyAudit(store))).toBe('intact');
      const verdict = await verifyAudit(store, { heads });
      expect(verdict).toMatchObject({
        intact: false,
        fault: { code: 'AUDIT_REWRITTEN', number: 4, upTo: 6 },
      });
    });

    it('a tail cut off together with the head row is found', async () => {
      await write(store, 5);
      const head = await headNow(store);
      await write(store, 2);
      const newest = await headNow(store);
      await run(store, 'DELETE FROM audit WHERE number > 4');
      await run(
        store,
        'UPDATE audit_head SET size = 4, chain = (SELECT chain FROM audit WHERE number = 4)',
      );
      expect(found(await verifyAudit(store))).toBe('intact');
      expect(found(await verifyAudit(store, { heads: [newest, head] }))).toEqual(['AUDIT_CUT', 5]);
    });

    it('a log that grew since agrees with its older heads', async () => {
      await write(store, 2);
      const head = await headNow(store);
      await write(store, 3);
      expect(await verifyAudit(store, { heads: [head] })).toMatchObject({ intact: true, size: 5 });
    });
  });

  it('finds any single change, whatever it is, at the entry where it was made', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom('entry', 'leaf', 'chain', 'delete', 'swap'),
        fc.nat(),
        async (size, at, what, seed) => {
          store = await clean();
          await write(store, size);
          const number = Math.min(at, size);
          const expected = await tamper(store, what, number, size, seed);
          expect(found(await verifyAudit(store, { pageSize: 3 }))[1]).toBe(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has leaves of the form that a Merkle tree of RFC 9162 is built on', async () => {
    await write(store, 7);
    const rows = await rowsOf(store);
    const root = merkleRoot(rows.map((row) => Buffer.from(row.entry)));
    for (const [index, row] of rows.entries()) {
      const path = inclusionPath(
        index,
        rows.map((item) => Buffer.from(item.leaf)),
      );
      expect(rootFrom(Buffer.from(row.leaf), index, rows.length, path)).toEqual(root);
      const other = Buffer.from(rows[(index + 1) % rows.length]?.leaf ?? []);
      expect(rootFrom(other, index, rows.length, path)).not.toEqual(root);
    }
  });
});

/** One change by SQL. @returns the first entry that is not as it was written. */
async function tamper(
  store: Store,
  what: string,
  number: number,
  size: number,
  seed: number,
): Promise<number> {
  if (what === 'delete') {
    await run(store, 'DELETE FROM audit WHERE number = $1', number);
    return number;
  }
  if (what === 'swap' && size > 1) {
    const other = number === size ? number - 1 : number + 1;
    await run(
      store,
      `UPDATE audit a SET at = b.at, entry = b.entry, leaf = b.leaf, chain = b.chain FROM audit b
       WHERE (a.number, b.number) IN (($1::bigint, $2::bigint), ($2, $1))`,
      number,
      other,
    );
    return Math.min(number, other);
  }
  const [row] = (await rowsOf(store)).filter((candidate) => candidate.number === number);
  const column = what === 'leaf' || what === 'chain' ? what : 'entry';
  const bytes = Buffer.from(row?.[column] ?? '');
  const place = seed % bytes.length;
  bytes[place] = ((bytes[place] ?? 0) ^ 1) & 0x7f;
  const value = column === 'entry' ? bytes.toString('latin1') : bytes;
  await run(store, `UPDATE audit SET ${column} = $2 WHERE number = $1`, number, value);
  return number;
}

function sha256(...parts: (string | Uint8Array)[]): string {
  return digest(...parts).toString('hex');
}

function digest(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

// RFC 9162, 2.1: MTH over the entries themselves, so that nothing of the code under test is in it.
function merkleRoot(entries: readonly Uint8Array[]): Buffer {
  if (entries.length === 0) return digest();
  if (entries.length === 1) return digest(Uint8Array.of(0), entries[0] ?? '');
  const half = splitOf(entries.length);
  return digest(
    Uint8Array.of(1),
    merkleRoot(entries.slice(0, half)),
    merkleRoot(entries.slice(half)),
  );
}

function rootOfLeaves(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] ?? Buffer.alloc(0);
  const half = splitOf(leaves.length);
  return digest(
    Uint8Array.of(1),
    rootOfLeaves(leaves.slice(0, half)),
    rootOfLeaves(leaves.slice(half)),
  );
}

/** The largest power of two below n. */
function splitOf(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}

/** RFC 9162, 2.1.3.1. */
function inclusionPath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const half = splitOf(leaves.length);
  return index < half
    ? [...inclusionPath(index, leaves.slice(0, half)), rootOfLeaves(leaves.slice(half))]
    : [...inclusionPath(index - half, leaves.slice(half)), rootOfLeaves(leaves.slice(0, half))];
}

/** RFC 9162, 2.1.3.2: what a verifier who has only the leaf and the path computes. */
function rootFrom(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer {
  let [first, last, root] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (first % 2 === 1 || first === last) {
      root = digest(Uint8Array.of(1), sibling, root);
      while (first % 2 === 0 && first !== 0) [first, last] = [first >> 1, last >> 1];
    } else {
      root = digest(Uint8Array.of(1), root, sibling);
    }
    [first, last] = [first >> 1, last >> 1];
  }
  return root;
}
