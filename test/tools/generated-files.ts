// The files that are made from code, and how each is made.
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderReference } from '../../core/src/config/render-reference.ts';
import { hubSchema } from '../../core/src/config/hub-schema.ts';
import { renderCli } from '../../core/src/cli/render-cli.ts';
import { renderApi } from '../../core/src/http/api/render-api.ts';
import { renderMetrics } from './render-metrics.ts';
import { workspaceRoot } from './workspace.ts';

export interface GeneratedFile {
  /** From the root of the workspace. */
  readonly path: string;
  render(): string;
}

export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'config/tributary.schema.json', render: () => JSON.stringify(hubSchema) },
  { path: 'docs/config.md', render: renderReference },
  { path: 'docs/api.md', render: renderApi },
  { path: 'docs/cli.md', render: renderCli },
  { path: 'docs/metrics.md', render: renderMetrics },
];

/** As the formatter leaves it, so that a fresh file passes the check. */
export async function renderFile({ path, render }: GeneratedFile): Promise<string> {
  const filepath = join(workspaceRoot, path);
  return format(render(), { ...(await resolveConfig(filepath)), filepath });
}
