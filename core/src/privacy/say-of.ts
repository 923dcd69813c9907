// What is said of a person by hand goes through intake like any record, so that a rebuild says it again.
import type { ConsentChange, JsonObject, SourceRecord } from '@tributary/sdk';
import { internalSource } from '../sources/internal-source.ts';
import type { Person, PersonIdentifier } from './find-person.ts';
import type { PrivacyWorld } from './world.ts';

type Said =
  | { readonly type: 'consent'; readonly consents: readonly ConsentChange[] }
  | { readonly type: 'identify'; readonly traits: JsonObject };

/**
 * A consent is said of every identifier, of each on its own: named together they would be evidence that
 * they are one person. A trait is said once, of the strongest.
 */
export async function sayOf(
  person: Person,
  said: Said,
  request: string,
  { intake, room }: Pick<PrivacyWorld, 'intake' | 'room'>,
): Promise<void> {
  const named =
    said.type === 'identify' ? strongestOf(person.identifiers, room) : person.identifiers;
  const receipt = await intake.submit({
    source: internalSource,
    receivedAt: room.now(),
    records: named.map(({ namespace, value }, place): SourceRecord => ({
      ...said,
      messageId: `${said.type}-${request}-${place}`,
      identifiers: [{ namespace, value }],
      trust: 'authenticated',
    })),
  });
  const [refused] = receipt.quarantined;
  if (refused !== undefined) throw new Error(refused.message);
}

function strongestOf(
  identifiers: readonly PersonIdentifier[],
  { settings }: Pick<PrivacyWorld['room'], 'settings'>,
): readonly PersonIdentifier[] {
  const { namespaces } = settings.identity;
  const strength = (namespace: string): number => namespaces.get(namespace)?.priority ?? 0;
  return identifiers
    .toSorted((one, other) => strength(one.namespace) - strength(other.namespace))
    .slice(0, 1);
}
