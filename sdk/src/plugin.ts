// The mark by which the hub knows a plugin, whichever copy of the SDK made it.

/** The version of this contract. Raised only when an older plugin would break. */
export const specVersion = 1;

const marker: unique symbol = Symbol.for('tributary.plugin');

/** What tells a plugin from any other object, beside a symbol that every copy of the SDK shares. */
export interface PluginMark<Kind extends 'source' | 'destination'> {
  readonly kind: Kind;
  readonly specVersion: typeof specVersion;
}

export function markPlugin<Plugin extends object>(plugin: Plugin): Plugin {
  return Object.defineProperty(plugin, marker, { value: true });
}

/** True for what `defineSource` or `defineDestination` returned. */
export function isPlugin(value: unknown): value is PluginMark<'source' | 'destination'> {
  return typeof value === 'object' && value !== null && marker in value;
}
