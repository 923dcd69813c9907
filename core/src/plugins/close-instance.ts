// Closes one instance within its time. Everything that it has under way is told to end first.
import { redactSecrets } from '@tributary/sdk';
import type { InstanceContext } from './instance-context.ts';
import { failureText, type PluginProblem } from './plugin-problem.ts';
import type { OpenedInstance, PluginWorld } from './instance.ts';
import { timedOut, within } from './within.ts';

export async function closeInstance(
  { plugin, connection }: OpenedInstance,
  context: InstanceContext,
  world: PluginWorld,
): Promise<PluginProblem | undefined> {
  const timeoutMs = world.closeTimeoutMs ?? 5_000;
  const over = new AbortController();
  context.abort(new Error('the instance is stopped'));
  const closing = (async (): Promise<void> => {
    await plugin.close?.({ ...context.during(over.signal), connection });
  })();
  try {
    const answer = await within(closing, timeoutMs);
    if (answer !== timedOut) return undefined;
    return {
      code: 'PLUGIN_CLOSE_TIMEOUT',
      message: `found the plugin ${plugin.name} still closing after ${timeoutMs / 1_000} s, expected it to be closed`,
      hint: 'The hub goes on without it; `close` of the plugin waits for something that does not come.',
    };
  } catch (error) {
    return {
      code: 'PLUGIN_CLOSE_FAILED',
      message: `found the plugin ${plugin.name} failing to close (${redactSecrets(failureText(error), world.secrets)}), expected it to close`,
      hint: 'The hub goes on without it; the error is the plugin’s own.',
    };
  } finally {
    over.abort(new Error('the time to close is over'));
  }
}
