import { expect, test } from 'vitest';
import { createSteadyClock, longestLeadMs } from './steady-clock.ts';

function setUp() {
  const machine = { now: 1_000_000_000 };
  const told: string[] = [];
  const clock = createSteadyClock(
    { error: (message) => void told.push(message) },
    { now: () => machine.now, sleep: () => Promise.resolve() },
  );
  return { machine, clock, told };
}

test('goes at half its pace while the machine is behind, then with it', () => {
  const { machine, clock, told } = setUp();
  const before = clock.now();
  machine.now -= 30_000;
  expect(clock.now()).toBe(before);
  machine.now += 20;
  expect(clock.now()).toBe(before + 10);
  machine.now += 59_980;
  expect(clock.now()).toBe(before + 30_000);
  machine.now += 5;
  expect(clock.now()).toBe(before + 30_005);
  expect(told).toEqual([]);
});

test('what follows another by two milliseconds is later, however often somebody looks', () => {
  const { machine, clock } = setUp();
  const first = clock.now();
  machine.now -= 30_000;
  for (const at of [clock.now(), clock.now()]) expect(at).toBe(first);
  machine.now += 1;
  expect(clock.now()).toBe(first);
  machine.now += 1;
  expect(clock.now()).toBe(first + 1);
});

test('goes on from what a process before it stamped', () => {
  const { machine, clock } = setUp();
  clock.startFrom(machine.now + 20_000);
  expect(clock.now()).toBe(machine.now + 20_000);
});

test('believes, and tells, a clock that was far ahead', () => {
  const { machine, clock, told } = setUp();
  clock.startFrom(machine.now + longestLeadMs + 1);
  expect(clock.now()).toBe(machine.now);
  expect(clock.now()).toBe(machine.now);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^CLOCK_SET_BACK: clock: found it 3600 s behind/);
});
