// The whole config as one JSON Schema.
import { audiencesSection } from './audiences-section.ts';
import { consentSection, purposesSection } from './consent-section.ts';
import { destinationsSection } from './destinations-section.ts';
import { hubSection } from './hub-section.ts';
import { identitySection } from './identity-section.ts';
import type { Schema } from './parts.ts';
import { computedSection, primarySection, traitsSection } from './profile-section.ts';
import { openDefinitions, ruleDefinitions } from './rule-definitions.ts';
import { sourcesSection } from './sources-section.ts';

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
