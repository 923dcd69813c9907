// A command line of help or docs as a shell would split it: words with their quotes, and the file that
// standard input is read from.

export interface ShellLine {
  readonly words: readonly string[];
  readonly inputFile: string | undefined;
}

export function splitWords(line: string): ShellLine {
  const [command = ''] = line.split(/ \d?[<>|]/);
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
  return { words, inputFile: / < (\S+)/.exec(line)?.[1] };
}
