// The shape of a record, judged as intake does.
import { describe, expect, it } from 'vitest';
import { createRecordValidator } from './record-schema.ts';

const validate = createRecordValidator({ maxIdentifiers: 2 });
const ada = { namespace: 'email', value: 'ada@example.com' };

describe('an erasure', () => {
  it('of somebody is taken as it is', () => {
    const record = { type: 'delete', messageId: 'd1', identifiers: [ada] };
    expect(validate(record)).toEqual({ record });
  });

  it('of nobody is refused, and says so', () => {
    expect(validate({ type: 'delete', identifiers: [] })).toEqual({
      errors:
        '/identifiers names nobody, expected at least one: a delete erases exactly those that it names',
      namesNobody: true,
    });
  });

  it.each([undefined, null, 'all', {}])('of %j is refused', (identifiers) => {
    expect(validate({ type: 'delete', identifiers })).toMatchObject({
      errors: expect.stringContaining('identifiers'),
    });
  });

  it('of too many is refused', () => {
    expect(validate({ type: 'delete', identifiers: [ada, ada, ada] })).toEqual({
      errors: '/identifiers must NOT have more than 2 items',
    });
  });
});
