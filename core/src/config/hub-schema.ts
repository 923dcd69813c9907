// The whole config as one JSON Schema.
import { audiencesSection } from './schema/audiences-section.ts';
import { consentSection, purposesSection } from './schema/consent-section.ts';
import { destinationsSection } from './schema/destinations-section.ts';
import { hubSection } from './schema/hub-section.ts';
import { identitySection } from './schema/identity-section.ts';
import type { Schema } from './schema/parts.ts';
import { computedSection, primarySection, traitsSection } from './schema/profile-section.ts';
import { openDefinitions, ruleDefinitions } from './schema/rule-definitions.ts';
import { sourcesSection } from './schema/sources-section.ts';

const sections: Readonly<Record<string, Schema>> = {
  tributary: { const: 1, description: 'Version of this format. Always 1.' },
  hub: hubSection,
  identity: identitySection,
  traits: traitsSection,
  computed: computedSection,
  primary: primarySection,
  purposes: purposesSection,
  consent: consentSection,
  audiences: audiencesSection,
  sources: sourcesSection,
  destinations: destinationsSection,
};

function document(definitions: Readonly<Record<string, Schema>>): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Tributary hub config',
    type: 'object',
    properties: sections,
    required: ['tributary'],
    additionalProperties: false,
    $defs: definitions,
  };
}

/** For editors and the reference. */
export const hubSchema: Schema = document(ruleDefinitions);

/** For loading. */
export const loadSchema: Schema = document(openDefinitions);
