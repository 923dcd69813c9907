// What others are told when they ask who is who.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetIdentity } from '../../../test/support/identity-view.ts';
import {
  identifierOf,
  recordOf,
  tightSettings as settings,
  type Said,
} from '../../../test/support/identity-world.ts';
import { testKeys } from '../../../test/support/settings.ts';
import { eachStore } from '../../../test/support/stores.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { DecisionKind } from '../standardise/decision-record.ts';
import { evidenceOf, identifiersOf, mergePath } from './explain.ts';
import { findById, findByIdentifier, rememberHandedOut, type Finding } from './find.ts';
import { resolveIdentities } from './resolve-identities.ts';

const hashOf = (name: string): string => identifierOf(name, settings).hash;
const idOf = (name: string): string => testKeys.latentId(hashOf(name));

eachStore('reading identity', (open) => {
  let store: Store;
  let number = 0;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(() => forgetIdentity(store));

  const read = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
    store.transaction('background', work);
  const tell = (...said: Said[]) =>
    read((transaction) => {
      const records = said.map((one) => recordOf(one, (number += 1), settings));
      return resolveIdentities(transaction, records, settings, testKeys);
    });
  const find = (name: string): Promise<Finding> =>
    read((transaction) => findByIdentifier(transaction, hashOf(name)));
  const byId = (name: string): Promise<Finding> =>
    read((transaction) => findById(transaction, idOf(name)));

  describe('look-up', () => {
    it('finds a profile by any of its identifiers, and by the latent id of any', async () => {
      await tell({ names: ['user:1', 'email:a'], at: 5 }, { names: ['email:a'], at: 2 });
      const found = { kind: 'profile', profileId: idOf('email:a') };
      expect(await find('user:1')).toEqual(found);
      expect(await find('email:a')).toEqual(found);
      expect(await byId('user:1')).toEqual(found);
      expect(await find('user:2')).toEqual({ kind: 'none' });
    });

    it('finds the owner of a device, and since when it is hers', async () => {
      await tell(
        { names: ['cookie:x'], at: 1 },
        { names: ['user:1', 'cookie:x'], at: 2 },
        { names: ['user:2', 'cookie:x'], at: 4 },
        { names: ['user:2', 'email:b'], at: 4 },
        { names: ['email:b', 'cookie:x'], at: 6 },
      );
      expect(await find('cookie:x')).toEqual({
        kind: 'device',
        profileId: idOf('user:2'),
        since: 4,
      });
    });

    it('a device without owners is a profile of its own until somebody logs in', async () => {
      await tell({ names: ['cookie:x'], at: 3 });
      expect(await find('cookie:x')).toEqual({ kind: 'profile', profileId: idOf('cookie:x') });
      const change = await tell({ names: ['user:1', 'cookie:x'], at: 5 });
      expect(await find('cookie:x')).toEqual({
        kind: 'device',
        profileId: idOf('user:1'),
        since: 5,
      });
      expect([...change.vanished]).toEqual([idOf('cookie:x')]);
      expect(change.origins.get(idOf('user:1'))).toEqual(new Set([idOf('cookie:x')]));
      expect(await byId('cookie:x')).toMatchObject({ profileId: idOf('user:1') });
    });

    it('a shared address is a contact point of all who named it', async () => {
      await tell(
        { names: ['user:1', 'email:info'], at: 1 },
        { names: ['user:2', 'email:info'], at: 2 },
      );
      const profileIds = [idOf('user:1'), idOf('user:2')].sort();
      expect(await find('email:info')).toEqual({ kind: 'contact', profileIds });
    });

    it('P20: an id that was handed out and is split now is ambiguous, and names the candidates', async () => {
      await tell({ names: ['email:a'], at: 1 }, { names: ['user:1', 'email:a'], at: 2, trust: 4 });
      const handed = idOf('email:a');
      await read((transaction) => rememberHandedOut(transaction, [handed], 3));
      expect(await byId('user:1')).toEqual({ kind: 'profile', profileId: handed });
      const change = await tell({ names: ['user:2', 'email:a'], at: 3, trust: 1 });
      expect(change.changes.map(({ kind }) => kind)).toContain('split');
      const profileIds = [handed, idOf('user:1')].sort();
      expect(await byId('email:a')).toEqual({ kind: 'ambiguous', profileIds });
      expect(await byId('user:1')).toEqual({ kind: 'profile', profileId: idOf('user:1') });
      await tell({ type: 'alias', names: ['user:1'], previous: 'email:a', at: 4, trust: 0 });
      expect(await byId('email:a')).toEqual({ kind: 'profile', profileId: handed });
    });
  });

  describe('explanation', () => {
    it('P18: a pair that a limit rejected is shown as possible, with the limit', async () => {
      await tell(
        { names: ['user:1', 'email:a'], at: 1, trust: 1 },
        { names: ['user:2', 'email:a'], at: 2, trust: 4, message: 'claim' },
      );
      const evidence = await read((transaction) => evidenceOf(transaction, idOf('user:2')));
      expect(evidence).toMatchObject([
        {
          kind: 'pair',
          status: 'possible',
          rejectedBy: 'limit:user',
          trust: 'declared',
          at: 2,
          source: 'test',
          number,
          messageHash: recordOf({ names: ['user:2'], at: 2, message: 'claim' }, 1, settings)
            .messageHash,
        },
      ]);
    });

    it('P18: two who share a device are shown as possibly one, and are not', async () => {
      await tell(
        { names: ['user:1', 'cookie:x'], at: 1 },
        { names: ['email:summer', 'cookie:x'], at: 2 },
      );
      const evidence = await read((transaction) => evidenceOf(transaction, idOf('user:1')));
      expect(
        evidence.map(({ right, status, rejectedBy }) => [right.value, status, rejectedBy]),
      ).toEqual([
        ['1', 'accepted', undefined],
        ['summer', 'possible', 'device'],
      ]);
    });

    it('lists identifiers, devices with the times they were hers, and contact points', async () => {
      await tell(
        { names: ['user:1', 'email:a', 'cookie:x', 'email:info'], at: 1 },
        { names: ['user:2', 'cookie:x'], at: 4 },
      );
      const listed = await read((transaction) => identifiersOf(transaction, idOf('user:1')));
      expect(listed.map(({ kind, value, to }) => [kind, value, to])).toEqual([
        ['person', 'a', Infinity],
        ['person', '1', Infinity],
        ['device', 'x', 4],
        ['contact', 'info', Infinity],
      ]);
    });

    it('leads from one identifier to another along the strongest evidence', async () => {
      await tell(
        { names: ['email:a', 'email:b'], at: 9, trust: 4 },
        { names: ['user:1', 'email:a'], at: 1 },
        { names: ['user:1', 'email:b'], at: 1 },
        { names: ['email:b', 'cookie:x'], at: 2 },
      );
      const { profileId } = (await find('email:a')) as { profileId: string };
      const path = await read((transaction) =>
        mergePath(transaction, profileId, hashOf('email:a'), hashOf('cookie:x')),
      );
      expect(path?.map(({ left, right }) => [left.value, right.value].sort().join())).toEqual([
        '1,a',
        '1,b',
        'b,x',
      ]);
      const nowhere = await read((transaction) =>
        mergePath(transaction, profileId, hashOf('email:a'), hashOf('user:3')),
      );
      expect(nowhere).toBeUndefined();
    });
  });

  describe('decisions', () => {
    const decide = (decision: DecisionKind, one: string, other: string, at: number) =>
      tell({ decision, names: [one, other], at });

    it('P20: two people who are never the same part, and nothing joins them again', async () => {
      await tell(
        { names: ['card:1', 'email:a'], at: 1 },
        { names: ['email:a', 'email:b'], at: 2 },
        { names: ['card:2', 'email:b'], at: 3 },
      );
      expect(await find('card:1')).toEqual(await find('card:2'));
      const change = await decide('separate', 'card:1', 'card:2', 4);
      expect(change.changes).toMatchObject([{ kind: 'split', number }]);
      expect(await find('card:1')).not.toEqual(await find('card:2'));
      await tell({ names: ['card:1', 'email:b'], at: 9 }, { names: ['card:1', 'card:2'], at: 9 });
      expect(await find('card:1')).not.toEqual(await find('card:2'));
      const { profileId } = (await find('card:2')) as { profileId: string };
      const evidence = await read((transaction) => evidenceOf(transaction, profileId));
      expect(evidence.map(({ rejectedBy }) => rejectedBy)).toContain('never_same');
    });

    it('P20: what is decided of people nobody has heard of holds once they are known', async () => {
      await decide('separate', 'card:1', 'card:2', 4);
      await decide('merge', 'user:1', 'card:2', 4);
      await tell({ names: ['card:1', 'card:2'], at: 5 }, { names: ['card:1', 'email:a'], at: 5 });
      expect(await find('card:1')).not.toEqual(await find('card:2'));
      expect(await find('user:1')).toEqual(await find('card:2'));
    });

    it('a separation is lifted, whichever of the two is heard of first', async () => {
      await tell({ names: ['card:1', 'card:2'], at: 1 });
      await decide('lift', 'card:1', 'card:2', 6);
      await decide('separate', 'card:2', 'card:1', 4);
      expect(await find('card:1')).toEqual(await find('card:2'));
      await decide('separate', 'card:1', 'card:2', 6);
      expect(await find('card:1')).not.toEqual(await find('card:2'));
    });

    it('P20: who was joined by hand parts by a retraction, and is joined by hand again', async () => {
      await decide('merge', 'card:1', 'email:a', 4);
      expect(await find('card:1')).toEqual(await find('email:a'));
      const change = await decide('retract', 'email:a', 'card:1', 5);
      expect(change.changes).toMatchObject([{ kind: 'split', number }]);
      expect(await find('card:1')).not.toEqual(await find('email:a'));
      await decide('merge', 'card:1', 'email:a', 6);
      expect(await find('card:1')).toEqual(await find('email:a'));
    });

    it('who is joined by hand is still held apart by a limit', async () => {
      await decide('merge', 'user:1', 'user:2', 4);
      expect(await find('user:1')).not.toEqual(await find('user:2'));
    });

    it('P20: a retracted pair does not count, its later observations do', async () => {
      const seen: Said = { names: ['card:1', 'email:a'], at: 2, trust: 1 };
      await tell(seen);
      await decide('retract', 'card:1', 'email:a', 5);
      expect(await find('card:1')).not.toEqual(await find('email:a'));
      await tell({ ...seen, at: 3, message: 'late' });
      expect(await find('card:1')).not.toEqual(await find('email:a'));
      await tell({ ...seen, at: 6, trust: 4, message: 'after' });
      expect(await find('card:1')).toEqual(await find('email:a'));
    });

    it('P20: retracting a strong old observation leaves a weak newer one', async () => {
      await tell(
        { names: ['card:1', 'email:a'], at: 2, trust: 1 },
        { names: ['card:1', 'email:a'], at: 7, trust: 3 },
        { names: ['card:1', 'email:a'], at: 8, trust: 4 },
      );
      await decide('retract', 'card:1', 'email:a', 5);
      const { profileId } = (await find('card:1')) as { profileId: string };
      const evidence = await read((transaction) => evidenceOf(transaction, profileId));
      expect(evidence).toMatchObject([{ trust: 'transacted', at: 7, status: 'accepted' }]);
    });
  });

  describe('erasure', () => {
    it('forgets the identifier, parts whom it joined and keeps it out when it arrives late', async () => {
      const claim: Said = { names: ['card:1', 'email:a'], at: 2 };
      await tell({ names: ['card:2', 'email:a'], at: 1 }, claim);
      expect(await find('card:1')).toEqual(await find('card:2'));
      const change = await tell({ type: 'delete', names: ['email:a'], at: 3 });
      expect(change.erased).toMatchObject([{ hash: hashOf('email:a'), gone: true }]);
      expect(await find('email:a')).toEqual({ kind: 'none' });
      expect(await find('card:1')).not.toEqual(await find('card:2'));
      await tell({ ...claim, message: 'late' });
      expect(await find('email:a')).toEqual({ kind: 'none' });
      await tell({ names: ['card:1', 'email:a'], at: 4 });
      expect(await find('email:a')).toEqual(await find('card:1'));
    });
  });
});
