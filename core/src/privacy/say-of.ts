// What is said of a person by hand goes through intake like any record, so that a rebuild says it again.
import type { ConsentChange, JsonObject, SourceRecord } from '@tributary/sdk';
import { internalSource } from '../sources/internal-source.ts';
import { cut, mostInRecord } from './cut.ts';
import type { Person } from './find-person.ts';
import type { PrivacyWorld } from './world.ts';

type Said =
  | { readonly type: 'consent'; readonly consents: readonly ConsentChange[] }
  | { readonly type: 'identify'; readonly traits: JsonObject };

/** A consent is said of every identifier; a trait once, of the strongest. */
export async function sayOf(
  person: Person,
  said: Said,
  request: string,
  { intake, room }: Pick<PrivacyWorld, 'intake' | 'room'>,
): Promise<void> {
  const { namespaces } = room.settings.identity;
  const strength = (namespace: string): number => namespaces.get(namespace)?.priority ?? 0;
  const ordered = person.identifiers.toSorted(
    (one, other) => strength(one.namespace) - strength(other.namespace),
  );
  const parts = said.type === 'identify' ? [ordered.slice(0, 1)] : cut(ordered, mostInRecord);
  const receipt = await intake.submit({
    source: internalSource,
    receivedAt: room.now(),
    records: parts.map((identifiers, place): SourceRecord => ({
      ...said,
      messageId: `${said.type}-${request}-${place}`,
      identifiers: identifiers.map(({ namespace, value }) => ({ namespace, value })),
      // They are hers already: nothing new is claimed of who belongs together.
      trust: 'authenticated',
    })),
  });
  const [refused] = receipt.quarantined;
  if (refused !== undefined) throw new Error(refused.message);
}
