// The stream as one JSON document, an item a line.
import type { JsonObject } from '@tributary/sdk';
import type { Piece } from './pieces.ts';

export async function* toJson(
  about: JsonObject,
  pieces: AsyncIterable<Piece>,
): AsyncGenerator<string, void> {
  yield `{\n"about": ${JSON.stringify(about)}`;
  let isOpen = false;
  let isFirst = true;
  for await (const piece of pieces) {
    if (piece.kind === 'section') {
      yield `${isOpen ? '\n]' : ''},\n"${piece.name}": [`;
      isOpen = true;
      isFirst = true;
      continue;
    }
    yield `${isFirst ? '' : ','}\n${JSON.stringify(piece.item)}`;
    isFirst = false;
  }
  yield `${isOpen ? '\n]' : ''}\n}\n`;
}
