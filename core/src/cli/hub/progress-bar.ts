// How far long work is, on standard error.
import type { SafeTerminal } from '../terminal.ts';

export interface ProgressBar {
  /** @param all undefined: nobody knows how much there is. */
  show(done: number, all?: number): void;
  clear(): void;
}

const width = 30;

export function createProgressBar({ draw, err }: Pick<SafeTerminal, 'draw' | 'err'>): ProgressBar {
  let told = 0;
  /** A log is not painted over: one line for each tenth. */
  const tell = (done: number, all: number | undefined): void => {
    const tenths = all === undefined || all === 0 ? 0 : Math.floor((done / all) * 10);
    if (tenths <= told) return;
    told = tenths;
    err(`${done} of ${String(all)}`);
  };
  return {
    show: (done, all) => (draw ? draw(barOf(done, all)) : tell(done, all)),
    clear: () => draw?.(''),
  };
}

function barOf(done: number, all: number | undefined): string {
  if (all === undefined || all === 0) return done === 0 ? 'working…' : `${done}…`;
  const share = Math.min(1, done / all);
  const full = Math.floor(share * width);
  return `[${'█'.repeat(full)}${' '.repeat(width - full)}] ${Math.floor(share * 100)} %  ${done} of ${all}`;
}
