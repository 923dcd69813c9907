// A phone number identifies only in its international form; a national one says nothing without its
// country, and guessing the country would join strangers.
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

const longestTyped = 64;

/**
 * E.164 (`+4930123456`), or undefined where the text is no number that can be assigned. Numbers with
 * an extension are refused: the switchboard behind them is shared by many.
 *
 * @param defaultCountry ISO 3166 alpha-2, for numbers typed without country code; left out: only
 * international forms are read
 */
export function normalisePhone(value: string, defaultCountry?: string): string | undefined {
  if (value.length > longestTyped) return undefined;
  // NFKC makes full-width digits and plus signs plain.
  const text = value.normalize('NFKC').trim();
  const country = defaultCountry?.toUpperCase();
  const number = parsePhoneNumberFromString(text, {
    // Without it a number would be picked out of any text.
    extract: false,
    ...(country !== undefined && isSupportedCountry(country) ? { defaultCountry: country } : {}),
  });
  return number?.isValid() === true && number.ext === undefined ? number.number : undefined;
}
