// From one generation to the next while requests, pages and deliveries keep coming. The order is the
// point: what both have in common is not touched; what changes comes to rest first; then one tick takes
// the doors over, so that no request finds neither; then the next begins.
import type { OpenedInstance } from '../plugins/instance.ts';
import type { PluginRuntime } from '../plugins/runtime.ts';
import type { Generation } from './generation.ts';

/** What answered requests by the config before. */
export interface ReplacedFront {
  /** Resolves when its last answer is out, or after the bound. */
  idle(boundMs: number): Promise<void>;
}

export interface Successor<G extends Generation> {
  readonly next: G;
  /** Intake, reads and requests go by the next from now on. Does not fail. */
  takeOver(this: void): ReplacedFront;
}

export interface HandOver<G extends Generation> extends Successor<G> {
  readonly before: G;
  /** Once nothing is resolved by the one before: who follows, if not `next`. Does not fail. */
  choose?: ((this: void) => Promise<Successor<G>>) | undefined;
  /** Where this process is on duty, `begin`. */
  begin(this: void, next: G): Promise<void>;
}

export async function handOver<G extends Generation>(change: HandOver<G>): Promise<ReplacedFront> {
  const { before, next } = change;
  await Promise.all([before.sources.stop(next.sources), before.delivery.stop(next.delivery)]);
  // An event is resolved by the rules that it was accepted by, or by later ones: intake changes after.
  await before.loop.halt();
  const chosen = (await change.choose?.()) ?? change;
  if (chosen.next !== next) await before.delivery.stop(chosen.next.delivery);
  const replaced = chosen.takeOver();
  void change.begin(chosen.next);
  return replaced;
}

/** Resolves when it delivers. Never rejects. */
export async function begin({ loop, sources, delivery }: Generation): Promise<void> {
  loop.start();
  sources.start();
  // People may have to be made anew first, and half of them must not be delivered.
  await loop.prepared;
  await delivery.start();
}

/** The longest that an answer by the config before may hold up the closing of its plugins. */
const answerBoundMs = 30_000;

/** Closes what the next has not taken over, once nobody is answered by it any more. */
export async function retire(
  before: readonly OpenedInstance[],
  next: readonly OpenedInstance[],
  replaced: ReplacedFront,
  runtime: PluginRuntime,
): Promise<void> {
  const gone = before.filter((instance) => !next.includes(instance));
  await replaced.idle(answerBoundMs);
  await Promise.all(gone.map((instance) => runtime.close(instance)));
}
