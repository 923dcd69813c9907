// Opens one instance within its time; what went wrong is told with a guess at the cause.
import { isPluginError, redactSecrets, type PluginErrorKind } from '@tributary/sdk';
import type { AnyPlugin } from './check-plugin.ts';
import type { InstanceContext } from './instance-context.ts';
import { failureText, type PluginProblem } from './plugin-problem.ts';
import type { PluginWorld } from './instance.ts';
import { timedOut, within } from './within.ts';

interface Connected {
  readonly connection: unknown;
}

export type OpenAnswer = Connected | { readonly problem: PluginProblem };

export async function openInstance(
  plugin: AnyPlugin,
  context: InstanceContext,
  world: PluginWorld,
): Promise<OpenAnswer> {
  const timeoutMs = world.openTimeoutMs ?? 10_000;
  const opening = callOpen(plugin, context);
  try {
    const answer = await within(opening, timeoutMs);
    if (answer !== timedOut) return answer;
    const problem = tooLate(plugin, context, timeoutMs);
    context.abort(new Error(problem.message));
    closeWhenLate(plugin, context, opening);
    return { problem };
  } catch (error) {
    context.abort(new Error('the instance did not open'));
    return { problem: refused(plugin, error, world.secrets) };
  }
}

async function callOpen(plugin: AnyPlugin, context: InstanceContext): Promise<Connected> {
  return { connection: await plugin.open?.(context.call) };
}

/** What opens after its time is closed again, so that a late connection is not left behind. */
function closeWhenLate(
  plugin: AnyPlugin,
  context: InstanceContext,
  opening: Promise<Connected>,
): void {
  opening
    .then(async ({ connection }) => plugin.close?.({ ...context.call, connection }))
    .catch(() => undefined);
}

function tooLate(plugin: AnyPlugin, context: InstanceContext, timeoutMs: number): PluginProblem {
  const hosts = context.waitingFor();
  const message = `found the plugin ${plugin.name} still opening after ${timeoutMs / 1_000} s, expected it to be open`;
  if (hosts.length === 0) {
    return {
      code: 'PLUGIN_OPEN_TIMEOUT',
      message,
      hint: 'It is not waiting for an HTTP answer: most likely a promise in `open` is never resolved (a callback or an event that does not come), or a connection of its own hangs.',
    };
  }
  return {
    code: 'PLUGIN_OPEN_TIMEOUT',
    message,
    hint: `It is waiting for an answer from ${hosts.join(', ')}: check the address and the network.`,
  };
}

const hints: Readonly<Record<PluginErrorKind, string>> = {
  auth: 'Check the credentials in its settings.',
  rate_limited: 'The vendor asks to wait; it is tried again.',
  rejected: 'Check its settings.',
  transient: 'Check the address and the network; it is tried again.',
  unknown: 'Check the address and the network; it is tried again.',
};

function refused(plugin: AnyPlugin, error: unknown, secrets: readonly string[]): PluginProblem {
  const words = redactSecrets(failureText(error), secrets);
  return {
    code: 'PLUGIN_OPEN_FAILED',
    message: `found the plugin ${plugin.name} failing to open (${words}), expected it to be open`,
    hint: isPluginError(error)
      ? hints[error.kind]
      : 'The error is the plugin’s own; ask its author.',
  };
}
