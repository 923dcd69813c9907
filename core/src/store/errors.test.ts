// What a failure says about what was to be written: nothing, where the database went away.
import { describe, expect, test } from 'vitest';
import { isConnectionLost, isPassingFailure, storeErrorFrom } from './errors.ts';

const systemError = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, errno: -32, syscall });
const databaseError = (code: string): Error => Object.assign(new Error('refused'), { code });

describe('a database that went away', () => {
  test.each([
    // Five capitals, as an SQLSTATE has.
    ['a write into a closed connection', systemError('EPIPE', 'write')],
    ['a connection that is reset', systemError('ECONNRESET', 'read')],
    ['a connection that is refused', systemError('ECONNREFUSED', 'connect')],
    ['words of the driver without a code', new Error('Connection terminated unexpectedly')],
    ['a server that is stopped', databaseError('57P01')],
    ['a full disk', databaseError('53100')],
  ])('%s says nothing about the records', (_what, error) => {
    const found = storeErrorFrom(error, 'commit');
    expect(found.code).toBe('STORE_UNAVAILABLE');
    expect(isPassingFailure(found)).toBe(true);
    expect(isConnectionLost(error)).toBe(true);
  });

  test('what the database refuses is told with its state', () => {
    const found = storeErrorFrom(databaseError('22P05'), 'statement x');
    expect(found).toMatchObject({ code: 'STORE_STATEMENT_FAILED', sqlState: '22P05' });
    expect(isPassingFailure(found)).toBe(false);
    expect(isConnectionLost(databaseError('22P05'))).toBe(false);
  });
});
