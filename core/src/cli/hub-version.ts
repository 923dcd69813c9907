// The version of this hub, as its package.json has it.
import { readFile } from 'node:fs/promises';

export async function hubVersion(): Promise<string> {
  const file = new URL('../../package.json', import.meta.url);
  const manifest: unknown = JSON.parse(await readFile(file, 'utf8'));
  const found: unknown =
    typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : '';
  return String(found);
}
