// Evaluates mappings in a process of its own, one message after the other: a regular expression that never
// ends, or a text of a gigabyte, costs this process and not the hub.
import { Worker } from 'node:worker_threads';
import jsonata from 'jsonata';
import { describeFailure } from './expression.ts';
import type { MappingJob, MappingOrder, MappingReply } from './mapper.ts';

type Evaluate = (job: MappingJob) => Promise<MappingReply>;

function createEvaluate({ mapping, messageId, timeMs, outputBytes }: MappingOrder): Evaluate {
  const options = { timeout: timeMs, stack: 200, sequence: 100_000 };
  const expressions = {
    mapping: jsonata(mapping, options),
    messageId: messageId === undefined ? undefined : jsonata(messageId, options),
  };
  return async ({ body, bindings }) => {
    const bound = { ...bindings };
    let id: unknown;
    try {
      id = await expressions.messageId?.evaluate(body, bound);
    } catch (error) {
      return { problem: `messageId: ${describeFailure(error, messageId ?? '')}` };
    }
    try {
      const result: unknown = await expressions.mapping.evaluate(body, bound);
      const json = writeResult(result);
      if (json === undefined) return { problem: 'mapping: it gives something that is no JSON' };
      if (Buffer.byteLength(json) > outputBytes) {
        return { problem: `mapping: it gives more than ${outputBytes} bytes` };
      }
      return { json, id: typeof id === 'string' || typeof id === 'number' ? String(id) : '' };
    } catch (error) {
      return { problem: `mapping: ${describeFailure(error, mapping)}` };
    }
  };
}

/** As text: JSONata's lists carry members of their own. */
function writeResult(result: unknown): string | undefined {
  try {
    return JSON.stringify(result ?? null);
  } catch {
    return undefined;
  }
}

/** A process that is lost in an expression hears nobody: a thread looks after the hub that it works for. */
function endWithTheHub(): void {
  process.on('disconnect', () => process.exit());
  // A terminal or a service manager sends these to the whole group: the hub still has messages in hand then.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const watching = `setInterval(() => {
    if (process.ppid !== ${process.ppid}) process.kill(process.pid, 'SIGKILL');
  }, 1_000)`;
  new Worker(watching, {
    eval: true,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8 },
  }).unref();
}

let evaluate: Evaluate | undefined;
let last: Promise<void> = Promise.resolve();
process.on('message', (message: MappingOrder | string) => {
  if (typeof message !== 'string') {
    evaluate = createEvaluate(message);
    process.send?.('ready');
    return;
  }
  last = last.then(async () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the mapper has written it
    process.send?.(await evaluate?.(JSON.parse(message) as MappingJob));
  });
});
endWithTheHub();
