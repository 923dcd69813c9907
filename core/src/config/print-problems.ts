// Problems as a terminal shows them: the place, the line with a caret, and what to do.
import type { ConfigProblem } from './problem.ts';

export function printProblems(problems: readonly ConfigProblem[]): string {
  return problems.map(printProblem).join('\n\n');
}

function printProblem(problem: ConfigProblem): string {
  const { file, line, column, code, severity, path, message, hint, excerpt } = problem;
  const level = severity === 'warning' ? 'warning ' : '';
  const head = `${file}:${line}:${column}  ${level}${code}${path === '' ? '' : `  ${path}`}`;
  const lines = [head];
  if (excerpt) {
    const gutter = String(line);
    const blank = ' '.repeat(gutter.length);
    lines.push(`  ${gutter} | ${excerpt.text}`);
    if (excerpt.length > 0) {
      lines.push(`  ${blank} | ${' '.repeat(excerpt.from)}${'^'.repeat(excerpt.length)}`);
    }
  }
  lines.push(`  ${sentence(message)}${hint === undefined ? '' : ` ${hint}`}`);
  return lines.join('\n');
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
