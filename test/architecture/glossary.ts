// Reads the table of docs/glossary.md, so that the page people read is the page that is tested.

export interface GlossaryEntry {
  readonly word: string;
  readonly meaning: string;
  /** Path from the root of the workspace. */
  readonly place: string;
}

/** The rows of the first table in a page: word, meaning, place. Throws on a row of another shape. */
export function readGlossary(page: string): GlossaryEntry[] {
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) => {
    const [word, meaning, place, ...rest] = row
      .slice(1, row.lastIndexOf('|'))
      .split('|')
      .map((cell) => cell.trim());
    const path = /^`([^`]+)`$/.exec(place ?? '')?.[1];
    if (!word || !meaning || !path || rest.length > 0)
      throw new Error(`not a glossary row: ${row}`);
    return { word, meaning, place: path };
  });
}
