// The rooms of the hub as the API's reads need them.
import type { Clock } from '@tributary/sdk';
import type { Changes } from '../../change/changes.ts';
import type { AudienceEngine } from '../../audience/engine.ts';
import type { HubConfig } from '../../config/hub-config.ts';
import type { ConsentReader } from '../../consent/read.ts';
import type { Delivery } from '../../delivery/create-delivery.ts';
import type { Intake } from '../../intake/intake.ts';
import type { Privacy } from '../../privacy/privacy.ts';
import type { ResolveRoom } from '../../resolve/room.ts';
import type { InstanceProblem } from '../../plugins/runtime.ts';
import type { PausedSources } from '../../sources/paused.ts';
import type { RunningSources } from '../../sources/start-sources.ts';
import type { DeploymentKeys } from '../../standardise/keys.ts';
import type { StandardiseSettings } from '../../standardise/standardise.ts';
import type { Store } from '../../store/store.ts';

export interface Rooms {
  readonly clock: Clock;
  readonly store: Store;
  readonly config: HubConfig;
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
  readonly audiences: AudienceEngine;
  readonly consent: ConsentReader;
  readonly delivery: Delivery;
  readonly intake: Intake;
  readonly room: ResolveRoom;
  readonly sources: RunningSources;
  /** What did not open. */
  readonly plugins: { readonly problems: readonly InstanceProblem[] };
  readonly paused: PausedSources;
  readonly changes: Changes;
  readonly privacy: Privacy;
}

export { readerOf } from '../../store/reader.ts';
