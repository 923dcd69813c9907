import { describe, expect, it } from 'vitest';
import { createTestClock, createTestContext, createTestLog, createTestRandom } from './index.ts';

describe('the test clock', () => {
  it('stands still until it is advanced, and wakes sleepers in order', async () => {
    const clock = createTestClock({ now: 1_000 });
    const woken: string[] = [];
    const sleepers = [
      clock.sleep(20).then(() => woken.push(`late at ${clock.now()}`)),
      clock.sleep(10).then(() => woken.push(`early at ${clock.now()}`)),
    ];
    await clock.advance(9);
    expect(woken).toEqual([]);
    await clock.advance(100);
    await Promise.all(sleepers);
    expect(woken).toEqual(['early at 1010', 'late at 1020']);
    expect(clock.now()).toBe(1_109);
  });

  it('lets go of a sleeper who is told to stop', async () => {
    const clock = createTestClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('enough');
  });

  it('passes by itself where that is asked for, but not for ever', async () => {
    const clock = createTestClock({ now: 0, sleeps: 'pass' });
    await clock.sleep(60_000);
    expect(clock.now()).toBe(60_000);
    const endless = async (): Promise<void> => {
      for (;;) await clock.sleep(1);
    };
    await expect(endless()).rejects.toThrow('does not end');
  });
});

describe('the test context', () => {
  it('aborts as the hub does, and repeats its chances', () => {
    const context = createTestContext({ settings: { url: 'https://example.com' } });
    expect(context.settings.url).toBe('https://example.com');
    context.abort();
    expect(context.signal.aborted).toBe(true);
    const again = createTestContext({ settings: {} });
    expect([context.random(), context.random()]).toEqual([again.random(), again.random()]);
    const row = Array.from({ length: 1_000 }, createTestRandom(7));
    expect(row.every((value) => value >= 0 && value < 1)).toBe(true);
  });

  it('does not let a secret into the log', () => {
    const context = createTestContext({ settings: {}, secrets: ['s3cr3t-key'] });
    context.log.info('called', { status: 200 });
    expect(() => context.log.warn('with s3cr3t-key')).toThrow('a secret was logged');
    expect(() => context.log.warn('called', { header: 'Bearer s3cr3t-key' })).toThrow('secret');
    expect(context.log.lines.map(({ level }) => level)).toEqual(['info', 'warn', 'warn']);
    const keeping = createTestLog(['s3cr3t-key'], 'keep');
    keeping.error('s3cr3t-key');
    expect(keeping.lines).toHaveLength(1);
  });
});
