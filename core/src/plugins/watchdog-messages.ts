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

export function hungText(name: string, hangAfterMs: number, place: string | undefined): string {
  const where = place === undefined ? '' : ` in ${place}`;
  return `PLUGIN_HUNG: ${name}: found its code holding the hub's thread for ${hangAfterMs / 1_000} s${where}, expected it to let go. The process is ended; the next start leaves ${name} out and runs everything else. Mend or update the plugin, or let it run again: tributary start --release ${name}`;
}
