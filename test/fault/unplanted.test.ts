// What catches the planted bugs must have nothing to say of a hub without one.
import { expect, test } from 'vitest';
import { bugs } from './bugs.ts';
import { livePlanted, plantedCases } from './planted.ts';

test('every bug has lives that show it', () => {
  const shown = plantedCases.map(({ bug }) => bug).toSorted();
  expect(shown).toEqual(bugs.map(({ name }) => name).toSorted());
});

/** Mails first: who has had hers gets no other. */
const mailsFirst = plantedCases.toSorted((one, other) => rankOf(one) - rankOf(other));

function rankOf({ bug }: (typeof plantedCases)[number]): number {
  return bug === 'mail-repeated' ? 0 : 1;
}

test('without a bug the same lives are passed', { timeout: 1_200_000 }, async () => {
  const figures = await livePlanted({ lives: mailsFirst.flatMap(({ lives }) => lives) });
  expect(figures.complaints).toEqual([]);
  expect(figures.killsAtFailpoints).toBe(figures.lives);
});
