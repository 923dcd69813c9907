// Reads the table of docs/pitfalls.md, and what the tests are called that it names.
import { parseSync, Visitor } from 'oxc-parser';

export interface Pitfall {
  readonly id: string;
  readonly tests: readonly { readonly path: string; readonly title: string }[];
}

/** The rows of the table. Throws on one of another shape, or without a test. */
export function readPitfalls(page: string): Pitfall[] {
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) => {
    const [id, elsewhere, here, shown, ...rest] = row
      .slice(1, row.lastIndexOf('|'))
      .split('|')
      .map((cell) => cell.trim());
    const tests = [...(shown ?? '').matchAll(/`([^`›]+) › ([^`]+)`/g)].map(
      ([, path = '', title = '']) => ({ path, title }),
    );
    if (!id || !elsewhere || !here || tests.length === 0 || rest.length > 0) {
      throw new Error(`not a pitfall's row: ${row}`);
    }
    return { id, tests };
  });
}

/** What a file's tests are called: `test('…')`, `it.each(…)('…')`, and the `title` or `what` of each row of a table. */
export function readTitles(path: string, source: string): Set<string> {
  const titles = new Set<string>();
  const add = (node: unknown): void => {
    const text = field(node, 'value');
    if (field(node, 'type') === 'Literal' && typeof text === 'string') titles.add(text);
  };
  new Visitor({
    CallExpression(call) {
      if (['test', 'it'].includes(String(rootOf(call.callee)))) add(call.arguments[0]);
    },
    Property(property) {
      if (['title', 'what'].includes(String(field(property.key, 'name')))) add(property.value);
    },
  }).visit(parseSync(path, source).program);
  return titles;
}

/** `it` of `it`, `it.skipIf(…)`, `it.each(…)`. */
function rootOf(callee: unknown): unknown {
  switch (field(callee, 'type')) {
    case 'Identifier':
      return field(callee, 'name');
    case 'MemberExpression':
      return rootOf(field(callee, 'object'));
    case 'CallExpression':
    case 'TaggedTemplateExpression':
      return rootOf(field(callee, 'callee') ?? field(callee, 'tag'));
    default:
      return undefined;
  }
}

function field(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null ? Reflect.get(node, name) : undefined;
}
