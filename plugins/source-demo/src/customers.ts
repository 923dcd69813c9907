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
  readonly phoneDevice: string;
  readonly computer: string;
  /** Said yes to mail, said nothing, or says yes and takes it back. */
  readonly temper: 'reader' | 'silent' | 'fickle';
  /** Her browser sends Global Privacy Control. */
  readonly private: boolean;
}

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

/** The first three of any ten are one of each temper, so that small shops have them all. */
const tempers = ['reader', 'silent', 'fickle'] as const;

export function createCustomer(seed: number, place: number): Customer {
  const dice = createDice(seed * 7_919 + place * 104_729 + 17);
  const firstName = dice.pick(firstNames);
  const lastName = dice.pick(lastNames);
  const temper =
    place % 10 < 3
      ? (tempers[place % 10] ?? 'reader')
      : dice.pick(['reader', 'reader', 'silent'] as const);
  const name = `${firstName}.${lastName}`.toLowerCase();
  return {
    place,
    userId: `customer-${place}`,
    email: `${name}.${place}@example.com`,
    firstName,
    lastName,
    country: dice.pick(countries),
    loyaltyCard: `LC-${String(seed % 1_000).padStart(3, '0')}-${String(place).padStart(6, '0')}`,
    phoneDevice: `phone-${seed}-${place}`,
    // Every ninth household shares a computer with the one before.
    computer: `computer-${seed}-${place % 9 === 8 ? place - 1 : place}`,
    temper,
    private: place % 12 === 11,
  };
}
