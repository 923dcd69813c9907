// Counting a list takes long where it is long. What a guard has let through stays let through until
// something new is planned: the judgement took in all that was due.
import type { Clock } from '@tributary/sdk';

export interface GuardMemory {
  generation(): number;
  /** Only if nothing was planned since the generation was read. */
  remember(list: string, generation: number): void;
  knows(list: string): boolean;
  /** Something was planned. */
  forget(): void;
}

/** Not longer than this, for what is planned past this process. */
const longestMs = 10_000;

export function createGuardMemory(clock: Clock): GuardMemory {
  const passed = new Map<string, number>();
  let generation = 0;
  return {
    generation: () => generation,
    remember(list, judgedIn) {
      if (judgedIn === generation) passed.set(list, clock.now());
    },
    knows(list) {
      const at = passed.get(list);
      return at !== undefined && clock.now() - at < longestMs;
    },
    forget() {
      generation += 1;
      passed.clear();
    },
  };
}
