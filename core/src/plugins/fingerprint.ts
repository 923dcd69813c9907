// By what a plugin's code is known: other code deserves another try.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findManifest, findPlugin, isPathLike } from './find-plugin.ts';

/** A package's version, or the hash of a plugin's own file; empty where it cannot be told. */
export function fingerprint(name: string, configFile: string): string {
  try {
    if (isPathLike(name)) {
      const found = findPlugin(name, configFile);
      return 'file' in found ? hashOf(found.file) : '';
    }
    const manifest: unknown = JSON.parse(
      readFileSync(findManifest(name, configFile) ?? '', 'utf8'),
    );
    const version: unknown =
      typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : '';
    return `${name}@${String(version)}`;
  } catch {
    return '';
  }
}

function hashOf(file: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
}
