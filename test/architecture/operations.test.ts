// Dashboard and alerts ask for metrics that exist, by labels that they have, and every alert says what to do.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readYaml } from '../../core/src/config/read-yaml.ts';
import { metricTable } from '../../core/src/observe/metric-table.ts';
import { readAnchors } from '../docs/pages.ts';
import { workspaceRoot } from '../tools/workspace.ts';

const read = async (path: string): Promise<string> => readFile(join(workspaceRoot, path), 'utf8');

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly for: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly runbook: string };
    }[];
  }[];
}

const dashboard = JSON.parse(await read('docs/operations/grafana-dashboard.json')) as Dashboard;
const rules = readYaml(await read('docs/operations/alerts.yaml')).value as Rules;
const alerts = rules.groups.flatMap((group) => group.rules);
const targets = dashboard.panels.flatMap(({ targets: shown = [], title }) =>
  shown.map((target) => ({ ...target, title })),
);

const table: Readonly<
  Record<string, { readonly kind: string; readonly labels: readonly string[] }>
> = metricTable;

/** The names that an expression asks for, without what Prometheus adds to histograms. */
function metricsOf(expression: string): string[] {
  const names = [...expression.matchAll(/\btributary_\w+/g)].map(([name]) => name);
  return names.map((name) => {
    const base = name.replace(/_(bucket|count|sum)$/, '');
    return table[base]?.kind === 'histogram' ? base : name;
  });
}

function labelsOf(expression: string): string[] {
  const matchers = [...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = '']) =>
    [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, name = '']) => name),
  );
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) =>
    names.split(/,\s*/),
  );
  return [...matchers, ...grouped].filter((name) => name !== 'le' && name !== 'job');
}

const expressions = [
  ...targets.map(({ title, expr, legendFormat }) => ({
    what: `panel ${title}`,
    expr,
    labels: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name),
  })),
  ...alerts.map(({ alert, expr }) => ({ what: `alert ${alert}`, expr, labels: [] })),
];

test.each(expressions)('$what asks for what there is', ({ expr, labels }) => {
  const names = metricsOf(expr);
  expect(names.filter((name) => !(name in table))).toEqual([]);
  const known = names.flatMap((name) => table[name]?.labels ?? []);
  expect([...labelsOf(expr), ...labels].filter((label) => !known.includes(label))).toEqual([]);
  expect(expr.split('(').length).toBe(expr.split(')').length);
});

test('panels have ids and titles of their own', () => {
  for (const field of ['id', 'title'] as const) {
    const values = dashboard.panels.map((panel) => panel[field]);
    expect(new Set(values).size).toBe(values.length);
  }
});

test.each(alerts)('$alert has a runbook, a severity and a time', async (rule) => {
  const [page = '', anchor = ''] = rule.annotations.runbook.split('#');
  expect(readAnchors(await read(page))).toContain(anchor);
  expect(await read(page)).toContain(`### ${rule.alert}`);
  expect(['critical', 'warning']).toContain(rule.labels.severity);
  expect(rule.for).toMatch(/^\d+m$/);
});

test('every runbook belongs to an alert', async () => {
  const told = [...(await read('docs/guides/operate.md')).matchAll(/^### (Tributary\w+)$/gm)];
  expect(told.map(([, name = '']) => name).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
});
