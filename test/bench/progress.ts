// A line on stderr that says how far a benchmark is; stdout is for its figures.
export type Progress = (what: string, done: number, all: number) => void;

const width = 30;

/** On a terminal one line that moves; elsewhere a line for each tenth. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  let told = '';
  return (what, done, all) => {
    const share = all === 0 ? 1 : done / all;
    if (stream.isTTY) {
      const full = Math.round(share * width);
      const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
      stream.write(
        `\r\u001B[K${what.padEnd(24)} ${bar} ${done.toLocaleString('en')}${done === all ? '\n' : ''}`,
      );
      return;
    }
    const line = `${what} ${Math.floor(share * 10) * 10} %`;
    if (line !== told) stream.write(`${line}\n`);
    told = line;
  };
}

export const silent: Progress = () => undefined;
