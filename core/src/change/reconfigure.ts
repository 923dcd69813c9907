// Takes up another config while the hub runs: one change after the other, each wholly or not at all.
// Everything that can fail comes first; from the hand-over on there is only forward.
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@tributary/sdk';
import { changeEntries, noteLife, type HubLife } from '../audit/life-entries.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { HubConfig } from '../config/hub-config.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { HubLogger } from '../observe/logger.ts';
import type { OpenedInstance } from '../plugins/instance.ts';
import { isLeftOut } from '../plugins/left-out.ts';
import type { PluginRuntime } from '../plugins/runtime.ts';
import type { FoldProgress } from '../resolve/create-line.ts';
import {
  beingRebuilt,
  keepRules,
  rulesChanged,
  rulesDuring,
  sourcesChanged,
} from '../resolve/rules-of-folding.ts';
import { withInternalSource } from '../sources/internal-source.ts';
import { openPlugins, type OpenPlugins } from '../sources/open-instances.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { Store } from '../store/store.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Generation } from './generation.ts';
import { lifeOf } from './life.ts';
import { handOver, retire, type ReplacedFront, type Successor } from './hand-over.ts';
import { beginAnew, mayBeHeardMeanwhile, waitUntilMade } from './make-anew.ts';
import { ChangeRefused, drifted, needsRestart, notOpened, otherConfig } from './refused.ts';
import { restartNeeded } from './restart-needed.ts';
import { createTurns } from './turns.ts';

export interface ChangeGround<G extends Generation> {
  readonly store: Store;
  readonly keys: DeploymentKeys;
  readonly runtime: PluginRuntime;
  readonly log: HubLogger;
  /** Before plugins are opened. */
  onConfig?: ((config: HubConfig) => void) | undefined;
  /** Whether this process works on the store. */
  readonly duty: { readonly isHeld: boolean };
  current(): G;
  /** Secrets that no log may show from now on. */
  hide(secrets: readonly string[]): void;
  /** Throws where the config does not fit together, and nothing has changed then. */
  compose(loaded: LoadedConfig, plugins: OpenPlugins, before?: Carried<G>): G;
  /** Throws as `compose` does. What it returns takes the doors over in one tick. */
  prepareDoors(next: G): () => ReplacedFront;
  /** What a restored store leaves open of what is new in it, before any of that runs. */
  settle(next: G): Promise<void>;
  /** Lets a generation work, where this process is on duty. Does not fail. */
  begin(next: G): Promise<void>;
  /** The same for the first one that works in this process: what must come before may fail. */
  takeUp(first: G): Promise<void>;
  readonly clock: Clock;
}

export interface Carried<G extends Generation> {
  readonly generation: G;
  /** No delivery goes on meanwhile. */
  readonly peopleAnew: boolean;
}

export interface ChangeReport {
  /** Keyed hash of the config that the hub goes by now. */
  readonly config: string;
  /** False: the hub went by it already. */
  readonly changed: boolean;
  /** People are being made anew from the log; deliveries wait until they are. */
  readonly peopleAnew: boolean;
}

export interface Reconfigure {
  /**
   * Throws ChangeRefused; the hub runs on as it was then.
   * @param actor as the audit log names her.
   * @param from the config that the hub must go by until then, by its hash.
   */
  apply(this: void, loaded: LoadedConfig, actor: string, from?: string): Promise<ChangeReport>;
  /**
   * Makes people anew from the log by the config of now, as a changed rule does. Resolves when they are.
   * Throws ChangeRefused where another process works on the store, and where the hub stops meanwhile.
   */
  rebuild(this: void, onProgress: (progress: FoldProgress) => void): Promise<void>;
  /** Lets the generation of now work, between changes. Throws where it cannot. */
  begin(): Promise<void>;
  /** Ends all work, also what is about to begin; the same config stands by in a new generation. */
  end(): Promise<void>;
  /** Takes no further change; resolves when the last one is through and what it replaced is closed. */
  close(): Promise<void>;
}

export function createReconfigure<G extends Generation>(ground: ChangeGround<G>): Reconfigure {
  const inTurn = createTurns();
  const retiring = new Set<Promise<void>>();
  let isClosed = false;

  const begin = (next: G): Promise<void> => ground.begin(next);
  const standBy = (): Promise<void> => Promise.resolve();

  async function end(): Promise<void> {
    const before = ground.current();
    await handOver({ before, ...successor(ground, before.loaded, before.plugins), begin });
  }

  async function change(
    loaded: LoadedConfig,
    actor: string,
    from: string | undefined,
  ): Promise<ChangeReport> {
    const before = ground.current();
    if (from !== undefined && from !== before.fingerprint) throw drifted([otherConfig]);
    const restart = restartNeeded(before.loaded.config, loaded.config);
    if (restart.length > 0) throw needsRestart(restart);
    const config = fingerprintOf(loaded.config, ground.keys);
    const stands = config === before.fingerprint && allRun(before.plugins);
    if (stands) return { config, changed: false, peopleAnew: false };
    ground.hide(loaded.secrets);
    ground.onConfig?.(loaded.config);
    const plugins = await open(ground, loaded, before);
    try {
      const settings = withInternalSource(loaded.config);
      const peopleAnew = await rulesChanged(ground.store, settings);
      const carried = { generation: before, peopleAnew };
      const { planned, spare, rules, choose } = succession(ground, loaded, plugins, carried);
      // Whoever comes on duty meanwhile takes the next generation up, and settles it then.
      const works = ground.duty.isHeld;
      if (works) await ground.settle(planned.next);
      await noteLife(
        ground.store,
        entriesOf(planned.next, before, { ...lifeOf(planned.next, ground.clock.now()), actor }),
      );
      // What a new source sends from now on is folded by these rules from the first. Where people are made anew,
      // the next change must know, though nothing may be emptied yet; so must whoever starts after a crash.
      if (works) await keepRules(ground.store, rules);
      const working = works ? { choose, begin } : { begin: standBy };
      const replaced = await handOver({ ...planned, ...working, before });
      follow(retire(before.plugins.opened, plugins.opened, replaced, ground.runtime));
      return { config, changed: true, peopleAnew: peopleAnew || ground.current() === spare?.next };
    } catch (error) {
      await closeAll(ground, plugins);
      throw error;
    }
  }

  function follow(work: Promise<void>): void {
    const done = work.finally(() => retiring.delete(done));
    retiring.add(done);
  }

  return {
    async apply(loaded, actor, from) {
      if (isClosed) throw new ChangeRefused('CHANGE_REFUSED', ['The hub is stopping.']);
      return inTurn(() => change(loaded, actor, from));
    },
    async rebuild(onProgress) {
      if (!isClosed) await inTurn(() => beginAnew(ground));
      await waitUntilMade(ground, { onProgress, isOver: () => isClosed });
    },
    begin: () => inTurn(() => ground.takeUp(ground.current())),
    async end() {
      // What makes people anew before it begins has its turn before this one, and would have it for long.
      await ground.current().loop.halt();
      await inTurn(end);
    },
    async close() {
      isClosed = true;
      await inTurn(() => Promise.resolve());
      await Promise.all(retiring);
    },
  };
}

interface Succession<G extends Generation> {
  readonly planned: Successor<G>;
  /** The same where people are made anew after all. */
  readonly spare: Successor<G> | undefined;
  /** What is folded counts as folded by these until the loop before has come to rest. */
  readonly rules: string;
  /** Which of them follows that loop. */
  choose(this: void): Promise<Successor<G>>;
}

function succession<G extends Generation>(
  ground: ChangeGround<G>,
  loaded: LoadedConfig,
  plugins: OpenPlugins,
  carried: Carried<G>,
): Succession<G> {
  const planned = successor(ground, loaded, plugins, carried);
  const [before, now] = [carried.generation.settings, planned.next.settings];
  const changed = carried.peopleAnew ? [] : sourcesChanged(before, now);
  const spare =
    changed.length > 0
      ? successor(ground, loaded, plugins, { ...carried, peopleAnew: true })
      : undefined;
  return {
    planned,
    spare,
    rules: carried.peopleAnew ? beingRebuilt : rulesDuring(before, now, changed),
    async choose() {
      if (spare === undefined) return planned;
      return (await mayBeHeardMeanwhile(ground.store, changed, now)) ? spare : planned;
    },
  };
}

function successor<G extends Generation>(
  ground: ChangeGround<G>,
  loaded: LoadedConfig,
  plugins: OpenPlugins,
  before?: Carried<G>,
): Successor<G> {
  const next = ground.compose(loaded, plugins, before);
  return { next, takeOver: ground.prepareDoors(next) };
}

/**
 * An instance that did not open before and has not changed may still not open, and one that is left out on
 * purpose is; any other must.
 */
async function open<G extends Generation>(
  ground: ChangeGround<G>,
  loaded: LoadedConfig,
  before: G,
): Promise<OpenPlugins> {
  const plugins = await openPlugins(loaded, ground.runtime, before.plugins);
  const known = new Set(before.plugins.problems.map(({ instance }) => instance));
  const isKnown = (id: string): boolean =>
    known.has(id) &&
    isDeepStrictEqual(openedBy(loaded.config, id), openedBy(before.loaded.config, id));
  const problems = plugins.problems.filter(
    (problem) => !isLeftOut(problem) && !isKnown(problem.instance),
  );
  if (problems.length === 0) return plugins;
  await closeAll(ground, plugins);
  throw notOpened(problems);
}

/** What did not open is tried again, and so is what was stopped for what its code did. */
function allRun({ opened, problems }: OpenPlugins): boolean {
  return problems.length === 0 && opened.every(({ context }) => !context.signal.aborted);
}

async function closeAll<G extends Generation>(
  { runtime }: ChangeGround<G>,
  { fresh }: OpenPlugins,
): Promise<void> {
  await Promise.all(fresh.map((instance) => runtime.close(instance)));
}

function entriesOf<G extends Generation>(
  next: G,
  before: G,
  life: HubLife & { readonly actor: string },
): AuditEntry[] {
  const packages = ({ loaded: { config } }: G, some: readonly OpenedInstance[]) =>
    new Map(some.map(({ id }) => [id, packageOf(config, id)]));
  const gone = before.plugins.opened.filter((one) => !next.plugins.opened.includes(one));
  return changeEntries({
    ...life,
    config: next.fingerprint,
    before: before.fingerprint,
    opened: packages(next, next.plugins.fresh),
    closed: packages(before, gone),
  });
}

/** What decides whether an instance opens. */
function openedBy(config: HubConfig, id: string): readonly unknown[] {
  const instance = instanceOf(config, id);
  return [instance?.plugin, instance?.settings];
}

function packageOf(config: HubConfig, id: string): string {
  return instanceOf(config, id)?.plugin ?? '';
}

function instanceOf({ sources, destinations }: HubConfig, id: string) {
  return sources.get(id) ?? destinations.get(id);
}
