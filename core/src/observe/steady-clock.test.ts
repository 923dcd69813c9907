import { expect, test } from 'vitest';
import { createSteadyClock, longestStandMs } from './steady-clock.ts';

function setUp() {
  const machine = { now: 1_000_000_000 };
  const told: string[] = [];
  const clock = createSteadyClock(
    { error: (message) => void told.push(message) },
    { now: () => machine.now, sleep: () => Promise.resolve() },
  );
  return { machine, clock, told };
}

test('stands still while the machine is behind, then goes on', () => {
  const { machine, clock, told } = setUp();
  const before = clock.now();
  machine.now -= 30_000;
  expect(clock.now()).toBe(before);
  machine.now += 30_005;
  expect(clock.now()).toBe(before + 5);
  expect(told).toEqual([]);
});

test('goes on from what a process before it stamped', () => {
  const { machine, clock } = setUp();
  clock.startFrom(machine.now + 20_000);
  expect(clock.now()).toBe(machine.now + 20_000);
});

test('believes, and tells, a clock that was far ahead', () => {
  const { machine, clock, told } = setUp();
  clock.startFrom(machine.now + longestStandMs + 1);
  expect(clock.now()).toBe(machine.now);
  expect(clock.now()).toBe(machine.now);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^CLOCK_SET_BACK: clock: found it 3600 s behind/);
});
