// Our words for what the YAML reader dislikes. Its own messages quote the text, which may be a
// secret; the code it gives is enough to say what is wrong.

interface Words {
  readonly message: string;
  readonly hint?: string;
}

const words: Readonly<Record<string, Words>> = {
  BAD_INDENT: {
    message: 'found an indentation or a bracket that does not fit, expected one that does',
    hint: 'Align the keys of one section, two spaces deeper than their parent, and close every bracket.',
  },
  TAB_AS_INDENT: {
    message: 'found a tab as indentation, expected spaces',
    hint: 'Use two spaces a level.',
  },
  MISSING_CHAR: {
    message: 'found something that is not closed, expected its end: a quote, a bracket or a colon',
    hint: 'Close the quote or bracket, or put `: ` between key and value.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'found a second `key: value` inside a value, expected one on each line',
    hint: 'Put the value in quotes if it holds `: `, or mend the indentation.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'found a key that runs over several lines, expected `key: value` on one line',
    hint: 'A colon after the key may be missing.',
  },
  BLOCK_IN_FLOW: {
    message: 'found an indented section inside brackets, expected values separated by commas',
  },
  UNEXPECTED_TOKEN: {
    message: 'found something that cannot stand here, expected `key: value`, `- item` or a comment',
  },
  BAD_SCALAR_START: {
    message: 'found a value that begins with a reserved character, expected it in quotes',
    hint: 'Put the value in quotes.',
  },
  BAD_DQ_ESCAPE: {
    message: 'found an unknown escape in double quotes, expected one that YAML knows',
    hint: 'Use single quotes, or double the backslash.',
  },
  MULTIPLE_DOCS: {
    message: 'found a second document after `---`, expected one document in the file',
    hint: 'Give each hub a file of its own.',
  },
  BAD_DIRECTIVE: { message: 'found a `%` directive that is not known, expected none' },
  KEY_OVER_1024_CHARS: { message: 'found a key of over 1,024 characters, expected a shorter one' },
  RESOURCE_EXHAUSTION: {
    message: 'found sections nested too deep to be read, expected at most 64 levels',
  },
};

const fallback: Words = { message: 'found text that is not YAML, expected YAML 1.2' };

export function yamlWords(code: string): Words {
  return words[code] ?? fallback;
}
