// A decision of an operator + config → what resolve works on. Pure, like all of standardisation.
import { bareRecord } from './bare-record.ts';
import type { DecisionRecord } from './decision-record.ts';
import { byStrength, standardIdentifier } from './identifiers.ts';
import type { DeploymentKeys } from './keys.ts';
import { recordProblem } from './problem.ts';
import type { EventHeader, Standardised, StandardiseSettings } from './standardise.ts';

/** People are joined by identifiers of persons: a device has an owner, and what is shared is nobody's. */
export function standardiseDecision(
  header: EventHeader,
  { decision, identifiers, upTo, actor }: DecisionRecord,
  settings: StandardiseSettings,
  keys: DeploymentKeys,
): Standardised {
  const ends = identifiers.flatMap(({ namespace, value }) => {
    const found = standardIdentifier(namespace, value, settings.identity, keys);
    return found?.kind === 'person' ? [found] : [];
  });
  const [one, other] = ends;
  if (one === undefined || other === undefined || one.hash === other.hash) {
    return {
      problem: recordProblem(
        'RECORD_UNDECIDABLE',
        'identifiers',
        `${new Set(ends.map(({ hash }) => hash)).size} identifiers of persons, two different ones are needed`,
        'Name two that config takes for persons’; devices and shared addresses join nobody.',
      ),
    };
  }
  return {
    record: {
      ...bareRecord(header, 'decision'),
      trust: 0,
      identifiers: [one, other].sort(byStrength),
      name: decision,
      decision: { kind: decision, upTo: Math.min(upTo ?? header.at, header.at), actor },
    },
  };
}
