// Whose code runs now. Every call into a plugin is made under its instance's name, and the name travels
// with everything that the call sets off: promises, timers, sockets, emitters. So an error that nobody
// awaited, or a loop that never ends, can be laid at a door. The storage belongs to the process, as what
// it observes does.
import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string>();

/** The debugger asks for this by name when the thread cannot answer for itself. */
const currentMarker = Symbol.for('tributary.current-plugin');
Reflect.set(globalThis, currentMarker, () => storage.getStore());

/** To be evaluated in a paused frame of the main thread. */
export const currentPluginExpression = `globalThis[Symbol.for('tributary.current-plugin')]?.()`;

/**
 * Shared with the watchdog's thread. `beats` grows while the main thread turns; `entered` is the name's
 * place in `names`, from 1, while plugin code runs that was called and has not yet returned.
 */
export const pulse = new Int32Array(new SharedArrayBuffer(12));
export const pulseFields = { beats: 0, entered: 1, debugged: 2 } as const;

const places = new Map<string, number>();
const listeners = new Set<(name: string, place: number) => void>();

function placeOf(name: string): number {
  const known = places.get(name);
  if (known !== undefined) return known;
  const place = places.size + 1;
  places.set(name, place);
  for (const tell of listeners) tell(name, place);
  return place;
}

/** Tells of every name, those known already included. */
export function onPluginName(tell: (name: string, place: number) => void): () => void {
  for (const [name, place] of places) tell(name, place);
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** Runs plugin code under the name of its instance. */
export function attributed<Result>(name: string, work: () => Result): Result {
  const before = pulse[pulseFields.entered] ?? 0;
  Atomics.store(pulse, pulseFields.entered, placeOf(name));
  try {
    return storage.run(name, work);
  } finally {
    Atomics.store(pulse, pulseFields.entered, before);
  }
}

/** The instance whose code set off what runs now. */
export function currentPlugin(): string | undefined {
  return storage.getStore();
}
