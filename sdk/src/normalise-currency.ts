// Amounts in different currencies must never be added by mistake, so a currency is a known code or none.

const known: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** ISO 4217 in upper case, of the currencies the runtime knows; else undefined. */
export function normaliseCurrency(value: string): string | undefined {
  const code = value.trim().toUpperCase();
  return known.has(code) ? code : undefined;
}
