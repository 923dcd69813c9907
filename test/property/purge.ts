// Carries out what the delete records of a world ask for: the log keeps what others rest on.
import type { DestinationInstanceSettings } from '../../core/src/delivery/settings.ts';
import { createPrivacy, type Privacy, type PrivacyRules } from '../../core/src/privacy/privacy.ts';
import { keepsAll } from '../../core/src/retention/settings.ts';
import type { Store } from '../../core/src/store/store.ts';
import type { Line } from '../support/line.ts';
import { createManualClock } from '../support/manual-clock.ts';

export async function purge(store: Store, line: Line): Promise<void> {
  const privacy = privacyOver(store, line);
  while (await privacy.step());
}

/** Privacy requests over a line that delivers nowhere. */
export function privacyOver(store: Store, line: Line, options: PrivacyOverOptions = {}): Privacy {
  const { journalFolder, delivery = nowhere } = options;
  return createPrivacy({
    store,
    intake: line.intake,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    clock: createManualClock(line.time.now),
    random: () => 0.5,
    current: () => ({
      room: line.room,
      config: {
        name: 'test',
        privacy: { deadlineMs: 1, journalFolder, retention: keepsAll },
        sources: line.room.settings.sources,
        consent: line.room.settings.consent,
        destinations: new Map<string, DestinationInstanceSettings>(),
      },
      delivery,
    }),
  });
}

export interface PrivacyOverOptions {
  /** Default: no journal. */
  readonly journalFolder?: string;
  readonly delivery?: PrivacyRules['delivery'];
}

const nowhere: PrivacyRules['delivery'] = {
  instances: new Map(),
  pursueErasure: () => Promise.reject(new Error('none')),
};
