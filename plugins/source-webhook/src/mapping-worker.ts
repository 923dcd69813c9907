// Evaluates mappings on a thread of its own, one message after the other: a regular expression that never
// ends, or a text of a gigabyte, costs this thread and not the hub.
import { parentPort, workerData } from 'node:worker_threads';
import jsonata from 'jsonata';
import { describeFailure } from './expression.ts';
import type { MappingJob, MappingReply, MappingWorkerData } from './mapper.ts';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the mapper's own words
const { mapping, messageId, timeMs, outputBytes } = workerData as MappingWorkerData;
const options = { timeout: timeMs, stack: 200, sequence: 100_000 };
const expressions = {
  mapping: jsonata(mapping, options),
  messageId: messageId === undefined ? undefined : jsonata(messageId, options),
};

async function run({ body, bindings }: MappingJob): Promise<MappingReply> {
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
}

/** As text: JSONata's lists carry members of their own. */
function writeResult(result: unknown): string | undefined {
  try {
    return JSON.stringify(result ?? null);
  } catch {
    return undefined;
  }
}

let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (job: MappingJob) => {
  last = last.then(async () => {
    parentPort?.postMessage(await run(job));
  });
});
parentPort?.postMessage('ready');
