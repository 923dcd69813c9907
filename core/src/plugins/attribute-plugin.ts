// A plugin whose every function runs under the name of its instance: the hub calls it as it would call
// the plugin itself.
import type { AnyPlugin } from './check-plugin.ts';
import { attributed } from './attribution.ts';

/** The parts of a definition that hold functions. Schemas and examples stay as they are. */
const parts: ReadonlySet<string> = new Set(['http', 'audiences', 'profiles', 'events', 'actions']);

export function attributePlugin<Plugin extends AnyPlugin>(
  plugin: Plugin,
  instance: string,
): Plugin {
  return wrapMembers(plugin, instance, (name) => parts.has(name));
}

/** The same object to a reader, whose functions run under the name; `isPart` says where to go deeper. */
function wrapMembers<Whole extends object>(
  whole: Whole,
  instance: string,
  isPart: (name: string, member: object) => boolean,
): Whole {
  const wrapped = new Map<string, unknown>();
  const wrap = (name: string, member: unknown): unknown => {
    if (isFunction(member)) return wrapFunction(member, whole, instance);
    if (!isObject(member) || !isPart(name, member)) return member;
    return wrapMembers(member, instance, (_, inner) => 'run' in inner);
  };
  // A copy stands in for the original, which may be frozen.
  return new Proxy<Whole>(
    { ...whole },
    {
      has: (_, name) => Reflect.has(whole, name),
      get(_, name): unknown {
        const member: unknown = Reflect.get(whole, name);
        if (typeof name !== 'string') return member;
        if (!wrapped.has(name)) wrapped.set(name, wrap(name, member));
        return wrapped.get(name);
      },
    },
  );
}

type AnyFunction = (...given: unknown[]) => unknown;

function wrapFunction(own: AnyFunction, self: unknown, instance: string): AnyFunction {
  return (...given) =>
    attributed(instance, () => wrapAnswer(Reflect.apply(own, self, given), instance));
}

/** What a call hands back may hold the plugin's code as well: a generator's body, an answer's `respond`. */
function wrapAnswer(answer: unknown, instance: string): unknown {
  if (!isObject(answer)) return answer;
  if (answer instanceof Promise) {
    return answer.then((value: unknown) => wrapAnswer(value, instance));
  }
  if (isAsyncIterable(answer)) return wrapIterable(answer, instance);
  const respond: unknown = Reflect.get(answer, 'respond');
  if (!isFunction(respond)) return answer;
  return { ...answer, respond: wrapFunction(respond, answer, instance) };
}

function wrapIterable(iterable: AsyncIterable<unknown>, instance: string): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = attributed(instance, () => iterable[Symbol.asyncIterator]());
      return {
        next: async () => attributed(instance, async () => iterator.next()),
        return: async (value: unknown) =>
          attributed(
            instance,
            async () => (await iterator.return?.(value)) ?? { done: true as const, value },
          ),
      };
    },
  };
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}
