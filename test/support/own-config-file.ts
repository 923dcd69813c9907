// A place for a config that is no file: what a hub writes beside its config, e.g. the journal of erasures,
// is that of one test alone.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function ownConfigFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'tributary-config-')), 'hub.yaml');
}
