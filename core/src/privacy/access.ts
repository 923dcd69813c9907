// The answer to a request for access: a stream of everything about a person, as JSON or as a page. It is
// made while it is read and lies nowhere.
import { piecesOf } from './export/pieces.ts';
import { toHtml } from './export/to-html.ts';
import { toJson } from './export/to-json.ts';
import type { Person } from './find-person.ts';
import type { PrivacyWorld } from './world.ts';

export const accessFormats = ['json', 'html'] as const;
export type AccessFormat = (typeof accessFormats)[number];

export interface AccessDocument {
  readonly contentType: string;
  readonly fileName: string;
  readonly chunks: AsyncIterable<string>;
}

export function exportPerson(
  person: Person,
  format: AccessFormat,
  request: string,
  world: PrivacyWorld & { readonly hubName: string },
): AccessDocument {
  const madeAt = new Date(world.room.now()).toISOString();
  const { hubName } = world;
  const askedBy = person.identifiers.map(({ namespace, value }) => `${namespace}:${value}`);
  const pieces = piecesOf(person, world);
  const fileName = `data-${request}.${format}`;
  if (format === 'html') {
    const chunks = toHtml({ hub: hubName, madeAt, askedBy: askedBy.slice(0, 10) }, pieces);
    return { contentType: 'text/html; charset=utf-8', fileName, chunks };
  }
  const about = { hub: hubName, madeAt, request, identifiers: askedBy };
  return { contentType: 'application/json', fileName, chunks: toJson(about, pieces) };
}
