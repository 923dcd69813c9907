// The contract of a source, as checks that every plugin passes, ours or a stranger's.
import type { SourcePlugin } from '../source.ts';
import type { ContractCheck } from './contract-check.ts';
import type { SourceCases } from './source-cases.ts';
import { sourceCoverageChecks } from './source-coverage-checks.ts';
import { sourceDefinitionChecks } from './source-definition-checks.ts';
import { sourceHttpChecks } from './source-http-checks.ts';
import { oldSettingsChecks } from './old-settings-checks.ts';
import { settingsChecks } from './settings-checks.ts';
import { sourceStreamChecks } from './source-stream-checks.ts';
import { settingsFunctionChecks } from './settings-function-checks.ts';
import { sourceOptionalChecks } from './source-optional-checks.ts';
import { sourcePullChecks } from './source-pull-checks.ts';
import { sourceSecretChecks } from './source-secret-checks.ts';
import { createSettingsValidator } from './validate-settings.ts';

/**
 * The checks of a source. Register them with a test framework (`registerChecks(test, …)`) or run them
 * (`runChecks`).
 *
 * ```ts
 * export const cases: SourceCases = {
 *   settings: () => ({ secret: 'a-signing-secret' }),
 *   signing: {
 *     sign: ({ body, settings }) => ({ 'x-signature': signHmac(body, String(settings['secret'])) }),
 *     secrets: ['secret'],
 *   },
 *   examples: [
 *     {
 *       title: 'an order',
 *       in: { request: { path: '/orders', body: { id: 7, email: 'ada@example.com' } } },
 *       out: {
 *         records: [
 *           {
 *             type: 'track', event: 'Order Completed', messageId: 'order-7',
 *             identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
 *           },
 *         ],
 *       },
 *     },
 *   ],
 * };
 *
 * registerChecks(test, testSource(plugin, cases));
 * ```
 */
export function testSource(plugin: SourcePlugin, cases: SourceCases): ContractCheck[] {
  const stage = { plugin, cases, validate: createSettingsValidator(plugin.settings) };
  return [
    ...sourceDefinitionChecks(stage),
    ...sourceCoverageChecks(stage),
    ...settingsChecks(plugin.settings),
    ...oldSettingsChecks(plugin, cases.oldSettings),
    ...sourceHttpChecks(stage),
    ...sourcePullChecks(stage),
    ...sourceStreamChecks(stage),
    ...sourceSecretChecks(stage),
    ...sourceOptionalChecks(stage),
    ...settingsFunctionChecks(stage),
  ];
}
