// The arrows between the parts of the workspace, decided from paths alone:
//
//   plugins → sdk ← core        tests may import everything
//
// Inside `core/src`, `http` and `cli` sit on top, `hub.ts` composes, and one folder sees of another
// only what it publishes: its `index.ts` where it has one, else its own files except `plans.ts`
// (its SQL) and what lies deeper.
import { isBuiltin } from 'node:module';
import type { Import, Module } from './modules.ts';

export interface Breach {
  readonly where: string;
  readonly what: string;
}

/** Where a module belongs: a package (`core`, `plugins/x`, `test`) and, in core, a folder. */
interface Place {
  readonly unit: string;
  /** First folder below `core/src`; empty for the files that lie directly in it. */
  readonly folder: string;
}

type Dependencies = ReadonlyMap<string, ReadonlySet<string>>;

/** Every import that goes against an arrow. */
export function findBreaches(modules: readonly Module[], dependencies: Dependencies): Breach[] {
  const paths = new Set(modules.map((module) => module.path));
  return modules.flatMap((module) =>
    module.imports.flatMap((imported) => {
      const what = judge(module.path, imported, paths, dependencies);
      return what === undefined ? [] : [{ where: `${module.path}:${imported.line}`, what }];
    }),
  );
}

function judge(
  from: string,
  imported: Import,
  paths: ReadonlySet<string>,
  dependencies: Dependencies,
): string | undefined {
  const place = placeOf(from);
  if (place.unit === 'test' || from.endsWith('.test.ts')) return undefined;
  if (imported.path === undefined) return judgePackage(place, imported.specifier, dependencies);
  const target = placeOf(imported.path);
  if (imported.path.endsWith('.test.ts')) return `imports the test ${imported.path}`;
  if (target.unit !== place.unit) {
    return `${place.unit} leaves its package by a path: ${imported.specifier}`;
  }
  if (place.unit !== 'core') return undefined;
  if (place.folder === '' && target.folder !== '' && !composition.has(from)) {
    return `only hub.ts composes, and this imports ${target.folder}`;
  }
  return judgeInsideCore(place, target, imported.path, paths);
}

function judgePackage(
  place: Place,
  specifier: string,
  dependencies: Dependencies,
): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name.startsWith('@tributary/') && (place.unit === 'sdk' || name !== '@tributary/sdk')) {
    return `${place.unit} imports ${specifier}`;
  }
  if (dependencies.get(place.unit)?.has(name)) return undefined;
  return `${place.unit} imports ${name}, which its package.json does not name`;
}

const top = new Set(['http', 'cli']);
const composition = new Set(['core/src/hub.ts', 'core/src/hub-types.ts', 'core/src/index.ts']);

function judgeInsideCore(
  place: Place,
  target: Place,
  path: string,
  paths: ReadonlySet<string>,
): string | undefined {
  if (target.folder === place.folder) return undefined;
  const fromTop = top.has(place.folder) || place.folder === '';
  if (top.has(target.folder) && !fromTop) return `${place.folder} imports ${target.folder}`;
  if (composition.has(path) && !fromTop) return `${place.folder} imports the composition: ${path}`;
  return target.folder === '' || isPublished(target.folder, path, paths)
    ? undefined
    : `${path} is not published by ${target.folder}`;
}

function isPublished(folder: string, path: string, paths: ReadonlySet<string>): boolean {
  const index = `core/src/${folder}/index.ts`;
  if (paths.has(index)) return path === index;
  const inside = path.slice(`core/src/${folder}/`.length);
  return !inside.includes('/') && inside !== 'plans.ts';
}

function placeOf(path: string): Place {
  const [first = '', second = '', third = '', ...rest] = path.split('/');
  if (first === 'plugins') return { unit: `plugins/${second}`, folder: '' };
  const folder = first === 'core' && second === 'src' && rest.length > 0 ? third : '';
  return { unit: first, folder };
}
