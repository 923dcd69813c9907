// What the watchdog's two threads tell each other.
import type { NotePlace } from './hang-note.ts';

export interface WatchdogSettings {
  /** The thread stands still for so long before it is looked at. */
  readonly hangAfterMs: number;
  /** Undefined before the store is known: then the process ends without a note. */
  readonly notes: NotePlace | undefined;
  /** Instance → what its plugin's code is known by; see `fingerprint.ts`. */
  readonly prints: Readonly<Record<string, string>>;
}

export interface WatchdogData extends WatchdogSettings {
  readonly pulse: Int32Array;
  readonly tickMs: number;
}

export type WatchdogMessage =
  | { readonly kind: 'name'; readonly name: string; readonly place: number }
  | ({ readonly kind: 'settings' } & WatchdogSettings);

/** @param name of an instance; of a plugin, where it is none that can be left out. */
export function hungText(
  name: string,
  hangAfterMs: number,
  place: string | undefined,
  isInstance: boolean,
): string {
  const where = place === undefined ? '' : ` in ${place}`;
  const when = isInstance ? '' : ' while config was read';
  const found = `PLUGIN_HUNG: ${name}: found its code holding the hub's thread for ${hangAfterMs / 1_000} s${when}${where}, expected it to let go. The process is ended;`;
  return isInstance
    ? `${found} the next start leaves ${name} out and runs everything else. Mend or update the plugin, or let it run again: tributary start --release ${name}`
    : `${found} the next start reads config as well, and would hang again. Mend or update the plugin, or take what uses it out of the config.`;
}
