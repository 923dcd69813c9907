// One JSON Schema validator for the hub's own sections and for plugins' settings. Fills in defaults
// in place; a number or a boolean that came in by reference is text and is turned into what the
// schema asks for.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describeError, type ShowValue } from './describe-error.ts';
import { isWithin, pathKey, type Issue, type Path } from './problem.ts';

export interface ValidationContext {
  /** Where `value` stands in the document. */
  readonly path: Path;
  /** Path keys of values that came in by reference. */
  readonly written: ReadonlyMap<string, string>;
  readonly show: ShowValue;
}

export type Validator = (value: unknown, context: ValidationContext) => Issue[];

// One for all: each compiles JSON Schema's own schema first, which takes longer than all of ours.
const ajv = new Ajv2020({
  allErrors: true,
  strict: false,
  useDefaults: true,
  verbose: true,
  validateFormats: true,
  logger: false,
});
addFormats.default(ajv);

/** Throws where the schema itself is not valid. */
export function createValidator(schema: object): Validator {
  const validate = compileAlone(schema);
  return (value, context) => runValidation(validate, value, context);
}

/** Two plugins may give their schemas the same $id. */
function compileAlone(schema: object): ValidateFunction {
  try {
    return ajv.compile(schema);
  } finally {
    ajv.removeSchema(schema);
  }
}

function runValidation(
  validate: ValidateFunction,
  value: unknown,
  context: ValidationContext,
): Issue[] {
  if (validate(value)) return [];
  const coerced = (validate.errors ?? []).filter((error) => coerce(value, error, context));
  if (coerced.length > 0 && validate(value)) return [];
  return withoutRepeats(validate.errors ?? []).flatMap((error) => {
    const issue = describeError(error, [...context.path, ...placeOf(value, error)], context.show);
    return issue ? [issue] : [];
  });
}

/** A failed alternative reports every branch; what is said once about the whole is enough. */
function withoutRepeats(errors: readonly ErrorObject[]): ErrorObject[] {
  const alternatives = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  return errors.filter(
    (error) =>
      !alternatives.some(({ schemaPath }) => error.schemaPath.startsWith(`${schemaPath}/`)),
  );
}

/** True where the text was turned into the number or boolean that is expected. */
function coerce(root: unknown, error: ErrorObject, context: ValidationContext): boolean {
  if (error.keyword !== 'type' || typeof error.data !== 'string') return false;
  const path = placeOf(root, error);
  const key = path.at(-1);
  if (key === undefined || !context.written.has(pathKey([...context.path, ...path]))) return false;
  const wanted: unknown = error.params['type'];
  const value = scalarOf(error.data, Array.isArray(wanted) ? wanted : [wanted]);
  const parent = path.slice(0, -1).reduce<unknown>(member, root);
  if (value === undefined || typeof parent !== 'object' || parent === null) return false;
  return Reflect.set(parent, key, value);
}

function scalarOf(text: string, types: readonly unknown[]): number | boolean | undefined {
  const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text);
  if (isNumber && types.some((type) => type === 'number' || type === 'integer'))
    return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return undefined;
}

/** A JSON pointer's parts, with list places as numbers. */
function placeOf(root: unknown, error: ErrorObject): Path {
  const path: (string | number)[] = [];
  let node = root;
  for (const part of error.instancePath.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const key = Array.isArray(node) ? Number(name) : name;
    path.push(key);
    node = member(node, key);
  }
  return path;
}

export function member(node: unknown, key: string | number): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
  return Reflect.get(node, key);
}

/** The value at a path; undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(member, root);
}

/** Drops issues about values whose reference is missing: that was said already. */
export function withoutUnresolved(issues: readonly Issue[], unresolved: readonly Path[]): Issue[] {
  return issues.filter(({ path }) => !unresolved.some((place) => isWithin(path, place)));
}
