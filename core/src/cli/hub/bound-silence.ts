// An answer that comes in pieces may take as long as it takes, but must not stop coming.

export interface SilenceBound {
  /** Aborts when nothing was heard for so long. */
  readonly signal: AbortSignal;
  heard(): void;
  end(): void;
}

/** For what came while this process could not listen, for example since nobody read what it printed. */
const listenMs = 50;

export function boundSilence(milliseconds: number): SilenceBound {
  const controller = new AbortController();
  let pieces = 0;
  let isOver = false;
  const listenOnce = (): void => {
    const before = pieces;
    setTimeout(() => {
      if (isOver || pieces > before) return;
      controller.abort(new DOMException(`${milliseconds} ms of silence`, 'TimeoutError'));
    }, listenMs);
  };
  const timer = setTimeout(listenOnce, milliseconds);
  return {
    signal: controller.signal,
    heard() {
      pieces += 1;
      timer.refresh();
    },
    end() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
