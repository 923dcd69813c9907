// What an admin reads before she fills in a form: every setting says what it is, and what is secret is
// marked so, which keeps it out of logs, errors and forms.
import type { SettingsSchema } from '../settings.ts';
import type { ContractCheck } from './contract-check.ts';
import { requireThat } from './violation.ts';

export function settingsChecks(schema: SettingsSchema): ContractCheck[] {
  return [
    {
      name: 'documents its settings',
      async run() {
        const bare = propertiesOf(schema, '').filter(({ isTold }) => !isTold);
        const paths = bare.map(({ path }) => path);
        requireThat(
          bare.length === 0,
          `${paths.join(', ')}: give each a \`title\` or a \`description\``,
        );
      },
    },
    {
      name: 'marks its secrets',
      async run() {
        const open = propertiesOf(schema, '').filter(
          ({ name, value }) => looksSecret.test(name) && !saysOfSecrecy(value),
        );
        const paths = open.map(({ path }) => path);
        requireThat(
          open.length === 0,
          `${paths.join(', ')}: looks like a secret; say \`writeOnly: true\`, or \`writeOnly: false\` where it is none`,
        );
      },
    },
  ];
}

const looksSecret = /(secret|token|password|passphrase|credential|api_?key|private_?key)s?$/i;

interface Property {
  readonly name: string;
  readonly path: string;
  readonly value: unknown;
  /** It, or what it is a part of. */
  readonly isTold: boolean;
}

function propertiesOf(schema: unknown, above: string, told = false): Property[] {
  const own = Object.entries(objectOf(field(schema, 'properties'))).flatMap(([name, value]) => {
    const path = `${above}/${name}`;
    const isTold = told || saysWhatItIs(value);
    return [{ name, path, value, isTold }, ...propertiesOf(value, path, isTold)];
  });
  const items = field(schema, 'items');
  return [...own, ...(items === undefined ? [] : propertiesOf(items, `${above}/*`, told))];
}

function saysWhatItIs(value: unknown): boolean {
  return ['title', 'description'].some((name) => {
    const text = field(value, name);
    return typeof text === 'string' && text !== '';
  });
}

function saysOfSecrecy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'writeOnly' in value || Object.values(value).some(saysOfSecrecy);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
