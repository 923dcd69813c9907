// A call of a plugin, ended even where the plugin does not end it.

export type Result<Value> = { readonly value: Value } | { readonly error: unknown };

/** Real milliseconds; a call that takes longer hangs. */
const patienceMs = 10_000;

/** What the work came to. After `patienceMs` it is given up as an error. */
export async function settle<Value>(work: () => Promise<Value>): Promise<Result<Value>> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Result<Value>>((resolve) => {
    const error = new Error(`the call had not ended ${patienceMs} ms after it began`);
    timer = setTimeout(() => resolve({ error }), patienceMs);
  });
  const result = (async () => work())().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return Promise.race([result, patience]).finally(() => clearTimeout(timer));
}
