// What is generated says what the code says.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles, renderFile } from './generated-files.ts';
import { workspaceRoot } from './workspace.ts';

test.each(generatedFiles)('$path is fresh; else: npm run fixtures', async (file) => {
  const written = await readFile(join(workspaceRoot, file.path), 'utf8');
  expect(written).toBe(await renderFile(file));
});
