// The shop's customers: invented, the same for the same seed. A person is made from her place in the
// list alone, so a restart needs to remember nothing about her.
import { createDice } from './dice.ts';

export interface Customer {
  readonly place: number;
  readonly userId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly country: string;
  readonly loyaltyCard: string;
  /** Shows her card at the till and says no more; links it to her account later. */
  readonly paysByCardAlone: boolean;
  readonly phoneDevice: string;
  /** Shared with somebody of the same household in one of ten. */
  readonly computer: string;
  /** Said yes to mail, said nothing, or says yes and takes it back. */
  readonly temper: Temper;
  /** Spent much once and comes only to look. */
  readonly lapsed: boolean;
  /** Spent much, was away for long and buys again. */
  readonly returning: boolean;
  /** Her browser sends Global Privacy Control. */
  readonly private: boolean;
}

export type Temper = 'reader' | 'silent' | 'fickle';

const firstNames = [
  'Ada',
  'Bruno',
  'Chiara',
  'Dilan',
  'Elif',
  'Femi',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kaya',
  'Lotte',
  'Milan',
  'Noor',
  'Oskar',
  'Pia',
  'Rania',
  'Sven',
  'Tilda',
  'Yusuf',
];
const lastNames = [
  'Abel',
  'Brandt',
  'Costa',
  'Demir',
  'Eklund',
  'Fontaine',
  'Gruber',
  'Haas',
  'Ilic',
  'Jansen',
  'Keller',
  'Lindqvist',
  'Moreau',
  'Novak',
  'Okafor',
  'Peeters',
  'Rossi',
  'Sandoval',
  'Toth',
  'Vogel',
];
const countries = ['DE', 'DE', 'DE', 'AT', 'CH', 'FR', 'NL', 'IT', 'SE', 'US'];

/** One of everybody in any ten, so that the smallest shop has them all; the last two are as chance has it. */
const tempers: readonly Temper[] = [
  'reader',
  'silent',
  'fickle',
  'reader',
  'silent',
  'reader',
  'reader',
  'silent',
];
const role = { lapsedReader: 3, lapsedSilent: 4, returning: 5, private: 8, sharesComputer: 9 };

export function createCustomer(seed: number, place: number): Customer {
  const dice = createDice(seed * 7_919 + place * 104_729 + 17);
  const firstName = dice.pick(firstNames);
  const lastName = dice.pick(lastNames);
  const country = dice.pick(countries);
  const temper = tempers[place % 10] ?? dice.pick(['reader', 'reader', 'silent'] as const);
  const id = `${seed}-${place}`;
  const inTen = place % 10;
  return {
    place,
    userId: `customer-${id}`,
    email: `${firstName}.${lastName}.${id}@example.com`.toLowerCase(),
    firstName,
    lastName,
    country,
    loyaltyCard: `LC-${id}`,
    paysByCardAlone: place % 2 === 0,
    phoneDevice: `phone-${id}`,
    computer: `computer-${seed}-${inTen === role.sharesComputer ? place - 1 : place}`,
    temper,
    lapsed: inTen === role.lapsedReader || inTen === role.lapsedSilent,
    returning: inTen === role.returning,
    private: inTen === role.private,
  };
}
