// Durations and sizes as config writes them. The schema has checked their form; what does not fit
// here is a mistake of ours and no admin's.
import { parseDuration } from '@tributary/sdk';

const bytes: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** `30m` → 1,800,000. */
export function durationMs(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new RangeError(`not a duration: ${text.slice(0, 40)}`);
  return milliseconds;
}

/** `32 KiB` → 32,768; a number is bytes. */
export function sizeBytes(value: string | number): number {
  if (typeof value === 'number') return value;
  const match = /^(\d+) ?([A-Za-z]*)$/.exec(value);
  const unit = bytes[match?.[2] ?? '-'];
  if (!match || unit === undefined) throw new RangeError(`not a size: ${value.slice(0, 40)}`);
  return Number(match[1]) * unit;
}
