// A batch of messages, lane by lane, and an outcome for each. Where the receiver is in trouble the rest
// is held back: it would only wait for the same answer.
import { outcomeOfUnsent, PluginError, type DeliveryOutcome, type Outcome } from '@tributary/sdk';
import type { WebhookCall } from './client.ts';
import { groupMessages, sendGroup } from './send-group.ts';
import type { Message } from './map.ts';

/** Requests at the same time, within one call. */
const concurrency = 4;

/**
 * Sends all messages and answers for every handle. Throws only where nothing at all has gone out, so
 * that the hub can pause or wait.
 */
export async function sendMessages(
  call: WebhookCall,
  messages: readonly Message[],
): Promise<readonly DeliveryOutcome[]> {
  const outcomes = new Map<string, Outcome>();
  const trouble: { error?: PluginError } = {};
  const lanes = groupMessages(messages, call.settings.batch).values();
  const work = async (): Promise<void> => {
    // The lanes are one iterator: each worker takes the next that nobody has taken.
    for (const groups of lanes) {
      for (const group of groups) {
        if (trouble.error) break;
        const error = await sendGroup(call, group, outcomes);
        if (error) trouble.error ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const { error } = trouble;
  if (error && standsForAll(error, outcomes, messages.length)) throw error;
  return messages.map(({ handle }) => ({
    handle,
    outcome: outcomes.get(handle) ?? outcomeOfUnsent(error ?? givenUp),
  }));
}

const givenUp = new PluginError('transient', 'the receiver was given up');

/** Nothing at all has gone out, and nobody is blamed for what was not tried. */
function standsForAll(
  error: PluginError,
  outcomes: ReadonlyMap<string, Outcome>,
  count: number,
): boolean {
  const isNothingOut = [...outcomes.values()].every(({ kind }) => kind === 'retry');
  return isNothingOut && (error.kind !== 'transient' || outcomes.size === count);
}
