// What can be wrong with a plugin, apart from where config names it.

export const pluginProblemCodes = [
  'PLUGIN_NOT_FOUND',
  'PLUGIN_NOT_RESOLVED',
  'PLUGIN_LOAD_FAILED',
  'PLUGIN_LOAD_TIMEOUT',
  'PLUGIN_EXPORT_MISSING',
  'PLUGIN_INVALID',
  'PLUGIN_SDK_MISMATCH',
  'PLUGIN_SPEC_MISMATCH',
  'PLUGIN_WRONG_KIND',
  'PLUGIN_SETTINGS_REFUSED',
  'PLUGIN_OPEN_TIMEOUT',
  'PLUGIN_OPEN_FAILED',
  'PLUGIN_CLOSE_TIMEOUT',
  'PLUGIN_CLOSE_FAILED',
  'PLUGIN_QUARANTINED',
  'PLUGIN_CRASHED',
] as const;
export type PluginProblemCode = (typeof pluginProblemCodes)[number];

export interface PluginProblem {
  readonly code: PluginProblemCode;
  /** What was found, what was expected. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/** What somebody else's code threw, bounded and on one line; never its stack. */
export function failureText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line || 'an error without a message';
}
