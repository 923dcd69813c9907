// Starts the process that is measured and speaks with it.
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FromHub, HubState, Members, RequestNumbers, ToHub } from './messages.ts';
import type { IngestOptions } from './options.ts';

export interface MeasuredHub {
  readonly url: string;
  /** Log numbers up to which resolve had come, and when. */
  readonly resolved: readonly { readonly upTo: number; readonly at: number }[];
  state(): Promise<HubState>;
  members(): Promise<Members>;
  /** Of all messages after a log number. */
  requests(after: number): Promise<RequestNumbers>;
  stop(): Promise<void>;
}

type Question = ToHub extends infer Each ? (Each extends ToHub ? Omit<Each, 'id'> : never) : never;

export async function startMeasuredHub(
  configFile: string,
  { profile, statements }: Pick<IngestOptions, 'profile' | 'statements'>,
): Promise<MeasuredHub> {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = fork(
    fileURLToPath(new URL('hub.ts', import.meta.url)),
    [configFile, ...(statements ? ['--statements'] : [])],
    { execArgv: ['--conditions=tributary-source', ...profiling], serialization: 'advanced' },
  );
  const orphan = (): void => void child.kill('SIGKILL');
  process.once('exit', orphan);
  const resolved: { upTo: number; at: number }[] = [];
  const asked = new Map<number, (value: unknown) => void>();
  let places = 0;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then(() => reject(new Error('the hub ended')));
    child.on('message', (message: FromHub) => {
      if (message.kind === 'listening') resolve(message.url);
      else if (message.kind === 'resolved') resolved.push(message);
      else asked.get(message.id)?.(message.value);
    });
  });

  function ask(question: Question): Promise<unknown> {
    const id = (places += 1);
    return new Promise((resolve, reject) => {
      asked.set(id, resolve);
      void ended.then(() => reject(new Error('the hub ended')));
      child.send({ ...question, id });
    });
  }

  return {
    url,
    resolved,
    state: async () => (await ask({ kind: 'state' })) as HubState,
    members: async () => (await ask({ kind: 'members' })) as Members,
    requests: async (after) => (await ask({ kind: 'requests', after })) as RequestNumbers,
    async stop() {
      await ask({ kind: 'stop' });
      await ended;
      process.removeListener('exit', orphan);
    },
  };
}

/** Waits until a look at the hub's state is as it should be. */
export async function untilState(
  hub: MeasuredHub,
  isSo: (state: HubState) => boolean,
  tell: (state: HubState) => void,
): Promise<HubState> {
  for (;;) {
    const state = await hub.state();
    if (isSo(state)) return state;
    tell(state);
    await sleep(300);
  }
}
