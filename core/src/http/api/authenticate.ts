// Who asks: the key of the Authorization header, checked before anything of the request is read.
import type { ApiKeyView, KeyStore } from '../key-store.ts';
import type { FailedAttempts } from '../failed-attempts.ts';
import { may, type Permission } from '../roles.ts';
import { ApiProblem } from './problem.ts';

export interface Guard {
  /** Throws KEY_MISSING, KEY_INVALID, ATTEMPTS_EXCEEDED. */
  identify(authorization: string | undefined, address: string): Promise<ApiKeyView>;
}

export function createGuard(keys: Pick<KeyStore, 'check'>, failed: FailedAttempts): Guard {
  return {
    async identify(authorization, address) {
      const wait = failed.waitSeconds(address);
      if (wait > 0) throw attemptsExceeded(wait);
      if (authorization === undefined) throw keyMissing();
      const text = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
      const key = text === undefined ? undefined : await keys.check(text);
      if (key) return key;
      failed.note(address);
      throw keyInvalid();
    },
  };
}

/** Throws ROLE_FORBIDS. */
export function permit(key: ApiKeyView, permission: Permission): void {
  if (may(key.role, permission)) return;
  throw new ApiProblem('ROLE_FORBIDS', {
    detail: `The role ${key.role} lacks the permission ${permission}. Use a key of a role that has it.`,
  });
}

function keyMissing(): ApiProblem {
  const detail =
    'Found no Authorization header, expected `Bearer tk_…`. Make a key with `tributary keys create`.';
  return new ApiProblem('KEY_MISSING', { detail });
}

function keyInvalid(): ApiProblem {
  const detail =
    'Found a key that is unknown, expired or revoked, or no key at all. Make a new one with `tributary keys create`.';
  return new ApiProblem('KEY_INVALID', { detail });
}

function attemptsExceeded(retryAfterSeconds: number): ApiProblem {
  const detail = `This address sent too many keys that are none. Try again in ${retryAfterSeconds} s.`;
  return new ApiProblem('ATTEMPTS_EXCEEDED', { detail, retryAfterSeconds });
}
