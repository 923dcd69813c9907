// The contract of a destination, as checks that every plugin passes, ours or a stranger's.
import type { DestinationPlugin } from '../destination.ts';
import type { ContractCheck } from './contract-check.ts';
import type { DestinationCases } from './destination-cases.ts';
import { destinationAddressChecks } from './destination-address-checks.ts';
import { destinationCoverageChecks } from './destination-coverage-checks.ts';
import { destinationDefinitionChecks } from './destination-definition-checks.ts';
import { destinationExampleChecks } from './destination-example-checks.ts';
import { destinationFaultChecks } from './destination-fault-checks.ts';
import { destinationOptionalChecks } from './destination-optional-checks.ts';
import { settingsFunctionChecks } from './settings-function-checks.ts';
import { destinationOutcomeChecks } from './destination-outcome-checks.ts';
import { destinationRepeatChecks } from './destination-repeat-checks.ts';
import { oldSettingsChecks } from './old-settings-checks.ts';
import { settingsChecks } from './settings-checks.ts';
import { destinationSecretChecks } from './destination-secret-checks.ts';
import { createSettingsValidator } from './validate-settings.ts';

/**
 * The checks of a destination. Register them with a test framework (`registerChecks(test, …)`) or run
 * them (`runChecks`).
 *
 * ```ts
 * // examples.ts: the vendor's dialect and what the plugin makes of a delivery
 * const ada = {
 *   handle: 'a', key: 'ada@example.com',
 *   identifier: { namespace: 'email', value: 'ada@example.com' }, traits: { city: 'Oslo' },
 * };
 * const bob = { ...ada, handle: 'b', key: 'bob@example.com', identifier: { … }, traits: {} };
 *
 * export const cases: DestinationCases = {
 *   settings: (vendorUrl) => ({ apiKey: 'test-key-123', baseUrl: vendorUrl }),
 *   vendor: {
 *     respond(request, scenario) {
 *       if (scenario.kind === 'refuse' && request.text.includes(scenario.key)) {
 *         return { status: 400, json: { error: 'no such address' } };
 *       }
 *       return { status: 200, json: { ok: true } };
 *     },
 *   },
 *   examples: [
 *     {
 *       title: 'puts people on the list',
 *       in: { call: 'audiences.add', list: 'vip', deliveries: [ada, bob] },
 *       out: {
 *         requests: [
 *           {
 *             method: 'POST', path: '/lists/vip',
 *             headers: { authorization: 'Bearer test-key-123' },
 *             body: { emails: ['ada@example.com', 'bob@example.com'] },
 *           },
 *         ],
 *       },
 *     },
 *   ],
 * };
 *
 * // plugin.test.ts
 * registerChecks(test, testDestination(plugin, cases));
 * ```
 */
export function testDestination(
  plugin: DestinationPlugin,
  cases: DestinationCases,
): ContractCheck[] {
  const stage = { plugin, cases, validate: createSettingsValidator(plugin.settings) };
  return [
    ...destinationDefinitionChecks(stage),
    ...destinationCoverageChecks(stage),
    ...settingsChecks(plugin.settings),
    ...oldSettingsChecks(plugin, cases.oldSettings),
    ...destinationExampleChecks(stage),
    ...destinationOutcomeChecks(stage),
    ...destinationFaultChecks(stage),
    ...destinationRepeatChecks(stage),
    ...destinationSecretChecks(stage),
    ...destinationAddressChecks(stage),
    ...destinationOptionalChecks(stage),
    ...settingsFunctionChecks(stage),
  ];
}
