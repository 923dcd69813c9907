// What the schema cannot say of the hub's own sections.
import { createValidator, valueAt } from './validate.ts';
import { failureText } from '../plugins/plugin-problem.ts';
import type { Issue } from './problem.ts';
import { each, select } from './select.ts';

export function checkHub(root: unknown): Issue[] {
  return [...checkStore(root), ...checkKey(root), ...checkPlans(root), ...checkTraits(root)];
}

export function isServerUrl(store: string): boolean {
  return /^postgres(ql)?:\/\//.test(store);
}

function checkStore(root: unknown): Issue[] {
  const path = ['hub', 'store'];
  const store = valueAt(root, path);
  if (typeof store === 'string')
    return store.includes('://') && !isServerUrl(store) ? [notAStore] : [];
  if (typeof store !== 'object' || store === null) return [];
  const url = valueAt(store, ['url']);
  const folder = valueAt(store, ['folder']);
  if (typeof url === 'string' && !isServerUrl(url))
    return [{ ...notAStore, path: [...path, 'url'] }];
  if ((url === undefined) !== (folder === undefined)) return [];
  return [
    {
      code: 'CONFIG_VALUE_INVALID',
      path,
      at: 'key',
      message: `found ${url === undefined ? 'neither' : 'both'} \`folder\` and \`url\`, expected one of them`,
    },
  ];
}

const notAStore: Issue = {
  code: 'CONFIG_VALUE_INVALID',
  path: ['hub', 'store'],
  message: 'found a URL of another kind, expected a folder or postgres://…',
};

/** True where the document asks for a PostgreSQL server. */
function usesServer(root: unknown): boolean {
  const store = valueAt(root, ['hub', 'store']);
  return typeof store === 'string'
    ? isServerUrl(store)
    : typeof valueAt(store, ['url']) === 'string';
}

function checkKey(root: unknown): Issue[] {
  const key = valueAt(root, ['hub', 'key']);
  const howTo = 'Make one with `openssl rand -base64 32` and keep it as safe as the data.';
  if (key === undefined) {
    const hasEarlier = valueAt(root, ['hub', 'earlierKey']) !== undefined;
    if (!hasEarlier && !usesServer(root)) return [];
    const beside = hasEarlier ? '`earlierKey`' : 'a server store';
    const message = `found no \`key\` with ${beside}, expected the deployment key by reference`;
    return [{ code: 'CONFIG_KEY_MISSING', path: ['hub'], at: 'key', message, hint: howTo }];
  }
  return ['key', 'earlierKey'].flatMap((name): Issue[] => {
    const path = ['hub', name];
    const given = valueAt(root, path);
    if (typeof given !== 'string' || isKey(given)) return [];
    const message = 'found a key of another form, expected 32 bytes in base64';
    return [{ code: 'CONFIG_VALUE_INVALID', path, message, hint: howTo }];
  });
}

function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text.trim());
}

/** Every event of a tracking plan is a JSON Schema of its own. */
function checkPlans(root: unknown): Issue[] {
  return select(root, ['sources', each, 'trackingPlan', 'events', each]).flatMap(
    ({ path, value }) => {
      if (typeof value !== 'object' || value === null) return [];
      try {
        createValidator(value);
        return [];
      } catch (error) {
        const message = `found a schema that cannot be used (${failureText(error)}), expected a JSON Schema`;
        return [{ code: 'CONFIG_VALUE_INVALID' as const, path, at: 'key' as const, message }];
      }
    },
  );
}

function checkTraits(root: unknown): Issue[] {
  return select(root, ['traits', each]).flatMap(({ path, value }) => {
    const named = valueAt(value, ['sources']);
    const hasSources = Array.isArray(named) && named.length > 0;
    if (valueAt(value, ['merge']) !== 'source_priority' || hasSources) return [];
    return [
      {
        code: 'CONFIG_KEY_MISSING' as const,
        path,
        at: 'key' as const,
        message:
          'found `merge: source_priority` without `sources`, expected them, the strongest first',
      },
    ];
  });
}
