// Reads the pages people read: which links they hold, which headings, which commands.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Page {
  /** Path from the root of the workspace. */
  readonly path: string;
  readonly text: string;
}

const patterns = ['*.md', 'docs/**/*.md', '{sdk,core,test,config}/**/*.md', 'plugins/**/*.md'];

/** All pages of the workspace. */
export async function loadPages(root: string): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const path of glob(patterns, {
    cwd: root,
    exclude: ['**/node_modules', '**/dist', 'core/templates'],
  })) {
    pages.push({ path, text: await readFile(join(root, path), 'utf8') });
  }
  return pages.sort((a, b) => a.path.localeCompare(b.path));
}

/** Targets of a page's links and images, those in code left out. */
export function readLinks(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)];
  const named = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...named].map((match) => match[1] ?? '');
}

/** The anchors a page offers, one for each heading. */
export function readAnchors(text: string): string[] {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6}\s+(.+)$/gm)];
  return headings.map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** The shell commands of a page: the fenced `sh` blocks, continued lines joined, comments dropped. */
export function readCommands(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap((block) =>
    (block[1] ?? '')
      .replace(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  );
}

export interface Block {
  readonly language: string;
  /** From the fence: ```ts title=waitlist.ts */
  readonly title: string;
  readonly content: string;
}

/** The fenced blocks of a page that have a title. */
export function readBlocks(text: string): Block[] {
  return [...text.matchAll(/^```(\w+) title=(\S+)\n([\s\S]*?)^```/gm)].map(
    ([, language = '', title = '', content = '']) => ({ language, title, content }),
  );
}

/** The npm scripts that a page tells people to run, in prose and in code. */
export function readScripts(text: string): string[] {
  const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)];
  return [...new Set(named.map((match) => match[1] ?? match[2] ?? ''))];
}
