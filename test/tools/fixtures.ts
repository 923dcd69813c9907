// `npm run fixtures`: writes the files that are made from code. A test beside each list of them fails
// where one is stale.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedFiles, renderFile } from './generated-files.ts';
import { workspaceRoot } from './workspace.ts';

for (const file of generatedFiles) {
  await writeFile(join(workspaceRoot, file.path), await renderFile(file));
  console.log(file.path);
}
