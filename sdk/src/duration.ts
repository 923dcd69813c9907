// Durations in config are written as people say them: `30m`, `7d`. A day is 24 hours, a week seven days.

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof units;

/** Milliseconds of `90s`, `30m`, `12h`, `7d`, `2w`, `250ms`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,15})(ms|[smhdw])$/.exec(text.trim()) ?? [];
  if (!isUnit(unit)) return undefined;
  const milliseconds = Number(digits) * units[unit];
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}

/** The duration in the largest unit that says it exactly: `90s`, `2h`, `1d`. */
export function formatDuration(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds));
  if (whole === 0) return '0s';
  // Two weeks are said in weeks, ten days in days.
  const unit =
    (['w', 'd', 'h', 'm', 's'] as const).find((unit) => whole % units[unit] === 0) ?? 'ms';
  return `${whole / units[unit]}${unit}`;
}

function isUnit(text: string): text is Unit {
  return Object.hasOwn(units, text);
}
