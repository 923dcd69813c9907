// From a contact point to the key that the vendor knows it by.
import { createHash } from 'node:crypto';
import { isStorable, keepWords } from '../send/vendor-words.ts';
import type { InstanceWorld } from '../world.ts';
import type { ContactIdentifier } from './contacts.ts';

export interface VendorKey {
  readonly key: string;
  readonly hash: string;
}

export interface KeyFailure {
  readonly identifierId: number;
  readonly message: string;
}

/** Longer keys are no vendor's; the bound keeps the ledger's rows small. */
const longestKey = 2_048;

/** A plugin's `key` is a stranger's code: what throws or is no text addresses nobody. */
export function vendorKeyOf(
  world: InstanceWorld,
  identifier: ContactIdentifier,
): VendorKey | KeyFailure {
  const { plugin, context } = world.destination;
  const { namespace, value, id } = identifier;
  try {
    const key: unknown = plugin.key ? plugin.key({ namespace, value }, context.settings) : value;
    if (typeof key === 'string' && key !== '' && key.length <= longestKey && isStorable(key)) {
      return { key, hash: hashKey(key) };
    }
    return { identifierId: id, message: 'the plugin made no usable key' };
  } catch (error) {
    const words = error instanceof Error ? error.message : 'it failed without an error';
    return { identifierId: id, message: `the plugin's key: ${keepWords(words, world.redact)}` };
  }
}

export function isKeyFailure(key: VendorKey | KeyFailure): key is KeyFailure {
  return 'identifierId' in key;
}

export function hashKey(key: string): string {
  return uuidOf(createHash('sha256').update(key).digest('hex'));
}

/** The first 128 bits of a hash in hexadecimal, in the form of a uuid. */
export function uuidOf(hex: string): string {
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ];
  return parts.join('-');
}
