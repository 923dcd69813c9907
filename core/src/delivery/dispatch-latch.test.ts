// No withdrawal is acknowledged while a request that carries it may still leave: at every possible
// interleaving of gate, call, commit, announcement and acknowledgement.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createDispatchLatch } from './dispatch-latch.ts';

const question = { purposes: ['mail'], channel: 'email' };
const stop = { identifierHash: 'ada', purpose: 'mail', channel: '*' };

describe('dispatch latch', () => {
  test('a stop announced between gate and call takes the delivery out in the tick of the call', async () => {
    const latch = createDispatchLatch(createManualClock(0));
    const hold = latch.open(question);
    await latch.announce([stop]);
    const stopped = hold.dispatch([
      { handle: '1', hashes: ['ada'] },
      { handle: '2', hashes: ['bea'] },
    ]);
    expect([...stopped]).toEqual(['1']);
  });

  test('a stop for another purpose or channel stops nothing', async () => {
    const latch = createDispatchLatch(createManualClock(0));
    const hold = latch.open(question);
    await latch.announce([
      { ...stop, purpose: 'ads' },
      { ...stop, channel: 'sms' },
    ]);
    expect(hold.dispatch([{ handle: '1', hashes: ['ada'] }]).size).toBe(0);
  });

  test('what only an erasure may hold back is stopped and waited for by no withdrawal', async () => {
    const latch = createDispatchLatch(createManualClock(0));
    const erasure = { ...stop, purpose: '*' };
    const entry = { handle: '1', hashes: ['ada'], stoppedBy: 'erasure' } as const;
    const hold = latch.open(question);
    await latch.announce([stop]);
    expect(hold.dispatch([entry]).size).toBe(0);
    await latch.announce([stop]);
    let acknowledged = false;
    const announced = latch.announce([erasure]).then(() => (acknowledged = true));
    await Promise.resolve();
    expect(acknowledged).toBe(false);
    hold.release();
    await announced;
    const next = latch.open(question);
    await latch.announce([erasure]);
    expect([...next.dispatch([entry])]).toEqual(['1']);
  });

  test('an announcement waits for the call that carries it, at most two seconds', async () => {
    const clock = createManualClock(0);
    const latch = createDispatchLatch(clock);
    const hold = latch.open(question);
    hold.dispatch([{ handle: '1', hashes: ['ada'] }]);
    let acknowledged = false;
    const announced = latch.announce([stop]).then(() => (acknowledged = true));
    await clock.advance(1_999);
    expect(acknowledged).toBe(false);
    hold.release();
    await announced;

    expect(hold.signal.aborted).toBe(false);
  });

  test('a call that takes longer is cut off before the acknowledgement, and no other', async () => {
    const clock = createManualClock(0);
    const latch = createDispatchLatch(clock);
    const [slow, other] = [latch.open(question), latch.open(question)];
    slow.dispatch([{ handle: '1', hashes: ['ada'] }]);
    other.dispatch([{ handle: '2', hashes: ['bea'] }]);
    let cutBefore: boolean | undefined;
    void latch.announce([stop]).then(() => (cutBefore = slow.signal.aborted));
    await clock.advance(1_999);
    expect(slow.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(cutBefore).toBe(true);
    expect(other.signal.aborted).toBe(false);
  });

  test('an announcement waits for nobody else', async () => {
    const latch = createDispatchLatch(createManualClock(0));
    const hold = latch.open(question);
    hold.dispatch([{ handle: '1', hashes: ['bea'] }]);
    await expect(latch.announce([stop])).resolves.toBeUndefined();
  });

  /**
   * Sender: open, read the stops that are committed, call (dispatch and hand over in one tick),
   * settle. Intake: commit, announce, acknowledge. Each step is let go one at a time by the
   * scheduler, in every order that it thinks of.
   */
  test('whatever the order: nothing is handed over after the acknowledgement, nor unsettled at it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (s, senders) => {
        const latch = createDispatchLatch(createManualClock(0));
        let committed = false;
        let acknowledged = false;
        let underWay = 0;
        let handedOverLate = 0;
        const send = async (): Promise<void> => {
          const hold = latch.open(question);
          await s.schedule(Promise.resolve(), 'gate begins');
          const seen = committed;
          await s.schedule(Promise.resolve(), 'gate ends');
          const stopped = hold.dispatch(seen ? [] : [{ handle: '1', hashes: ['x', 'ada'] }]);
          if (!seen && !stopped.has('1')) {
            if (acknowledged) handedOverLate += 1;
            underWay += 1;
            await s.schedule(Promise.resolve(), 'call');
            underWay -= 1;
          }
          hold.release();
        };
        const intake = async (): Promise<void> => {
          await s.schedule(Promise.resolve(), 'commit');
          committed = true;
          await s.schedule(Promise.resolve(), 'committed');
          await latch.announce([stop]);
          expect(underWay).toBe(0);
          acknowledged = true;
        };
        const all = [intake(), ...Array.from({ length: senders }, send)];
        await s.waitFor(Promise.all(all));
        expect(handedOverLate).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
