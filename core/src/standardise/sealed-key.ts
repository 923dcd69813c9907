// A key of before is kept in the store, sealed with the present one: whoever has the present key and the
// store has all that hashes are made with, and the earlier key alone, should it be known, opens nothing.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Nonce, text, tag. */
export function sealKey(earlier: Uint8Array, present: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, sealingKey(present), nonce);
  return Buffer.concat([nonce, cipher.update(earlier), cipher.final(), cipher.getAuthTag()]);
}

/** Throws where it was sealed with another key, or was changed. */
export function openKey(sealed: Uint8Array, present: Uint8Array): Uint8Array {
  const end = sealed.byteLength - tagBytes;
  const decipher = createDecipheriv(algorithm, sealingKey(present), sealed.subarray(0, nonceBytes));
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, end)), decipher.final()]);
  } catch {
    throw new Error(
      'EARLIER_KEY_DAMAGED: store: found an earlier deployment key that `hub.key` does not open, expected it to. Restore the store from a backup.',
    );
  }
}

function sealingKey(present: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', present, '', 'tributary earlier key', 32));
}
