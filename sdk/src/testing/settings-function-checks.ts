// What a plugin finds out about settings by functions of its own: good settings pass, and the tests that
// settings carry end.
import type { SettingsFinding, SettingsTest, UnknownSettings } from '../settings.ts';
import type { ContractCheck } from './contract-check.ts';
import { settingsFor } from './play-destination.ts';
import { settle } from './settle.ts';
import type { SettingsVerdict } from './validate-settings.ts';
import { requireThat, show, violate } from './violation.ts';

interface Judged {
  readonly plugin: {
    validate?(settings: UnknownSettings): readonly SettingsFinding[];
    testSettings?(settings: UnknownSettings): Promise<readonly SettingsTest[]>;
  };
  readonly cases: { settings(vendorUrl: string): UnknownSettings };
  readonly validate: (settings: unknown) => SettingsVerdict;
}

/** Neither opens anything: the address only has to fit the schema. */
const someUrl = 'http://127.0.0.1:9';

export function settingsFunctionChecks(stage: Judged): ContractCheck[] {
  return [
    ...(stage.plugin.validate
      ? [
          {
            name: 'validate: finds nothing wrong with good settings',
            run: async (): Promise<void> => checkValidate(stage),
          },
        ]
      : []),
    ...(stage.plugin.testSettings
      ? [
          {
            name: 'testSettings: runs the tests of its settings to their end',
            run: async (): Promise<void> => checkTests(stage),
          },
        ]
      : []),
  ];
}

function goodSettings({ cases, validate }: Judged): UnknownSettings {
  return settingsFor(validate, cases.settings(someUrl));
}

function checkValidate(stage: Judged): void {
  const findings = stage.plugin.validate?.(goodSettings(stage));
  requireThat(
    Array.isArray(findings) && findings.length === 0,
    () => `of the settings of the cases it says ${show(findings)}`,
  );
}

async function checkTests(stage: Judged): Promise<void> {
  const settings = goodSettings(stage);
  const result = await settle(async () => stage.plugin.testSettings?.(settings));
  if ('error' in result) violate(`it threw ${show(result.error)}`);
  if (!Array.isArray(result.value)) violate(`it returned ${show(result.value)}, expected a list`);
  const failed = result.value.filter(({ problem }) => problem !== undefined);
  requireThat(
    failed.length === 0,
    () => `tests of the settings of the cases fail: ${show(failed)}`,
  );
}
