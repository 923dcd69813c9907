// Hands a body that a source could not read to its plugin once more, after settings or plugin were mended.
import { isPluginError, type SourceRecord } from '@tributary/sdk';
import { failureText } from '../plugins/plugin-problem.ts';
import { timedOut, within } from '../plugins/within.ts';
import type { SourceInstance } from './source-instance.ts';

export type Reread = (entry: {
  readonly source: string;
  readonly payload: Uint8Array;
  readonly receivedAt: number;
}) => Promise<{ readonly records: readonly SourceRecord[] } | { readonly problem: string }>;

const boundMs = 10_000;

export function createReread(instances: readonly SourceInstance[]): Reread {
  return async ({ source, payload, receivedAt }) => {
    const instance = instances.find(({ settings }) => settings.id === source);
    if (!instance) return { problem: `source ${source} is not running` };
    const { definition, context, connection } = instance;
    if (!definition.reread) {
      return { problem: `the plugin ${definition.name} reads no body a second time` };
    }
    const call = { ...context, connection, payload, receivedAt };
    try {
      const records = await within(Promise.resolve(definition.reread(call)), boundMs);
      if (records === timedOut) return { problem: 'the plugin did not answer in time' };
      return Array.isArray(records)
        ? { records }
        : { problem: 'the plugin gave no list of records' };
    } catch (error) {
      const isTold = isPluginError(error);
      return { problem: isTold ? failureText(error) : `the plugin threw ${nameOf(error)}` };
    }
  };
}

/** The kind of error alone: its message may quote what came in. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
