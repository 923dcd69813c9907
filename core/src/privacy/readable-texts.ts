// Bytes that were kept as they came, in every reading in which they may say something of a person: senders
// compress what they send, and forms write an address with signs of their own.
import { promisify } from 'node:util';
import {
  brotliDecompress,
  gunzip,
  inflate,
  inflateRaw,
  type InputType,
  type ZlibOptions,
} from 'node:zlib';

/** What is unpacked to more than this has nobody ever read; a few such bytes must not fill the memory. */
const mostUnpacked = 16_777_216;

/** Undefined: packed in a way that cannot be undone here, so nobody can say who is in it. */
export async function readableTexts(bytes: Uint8Array): Promise<readonly string[] | undefined> {
  const text = strictText(bytes);
  if (text !== undefined) return [text, ...formValues(text)];
  const unpacked = await unpackedText(bytes);
  if (unpacked === undefined && isPacked(bytes)) return undefined;
  // Text of another encoding may look as if it were packed: it is read as it came, too.
  const texts = [new TextDecoder().decode(bytes), ...(unpacked === undefined ? [] : [unpacked])];
  return texts.flatMap((one) => [one, ...formValues(one)]);
}

/** What is compressed is as good as never text. */
function strictText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

type Unpack = (bytes: InputType, options: ZlibOptions) => Promise<Uint8Array>;

const ways: readonly Unpack[] = [gunzip, inflate, brotliDecompress, inflateRaw].map((way) =>
  promisify(way),
);

async function unpackedText(bytes: Uint8Array): Promise<string | undefined> {
  for (const unpack of ways) {
    try {
      const unpacked = await unpack(bytes, { maxOutputLength: mostUnpacked });
      return new TextDecoder().decode(unpacked);
    } catch {
      // Not packed that way, or to more than is looked at.
    }
  }
  return undefined;
}

/** As a gzip file begins, or a zlib stream. */
function isPacked([first = 0, second = 0]: Uint8Array): boolean {
  return (
    (first === 0x1f && second === 0x8b) || (first === 0x78 && (first * 256 + second) % 31 === 0)
  );
}

function formValues(text: string): string[] {
  return text.includes('=') ? [...new URLSearchParams(text)].flat() : [];
}
