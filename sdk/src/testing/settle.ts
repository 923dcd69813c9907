// A call of a plugin, ended even where the plugin does not end it.

export type Result<Value> = { readonly value: Value } | { readonly error: unknown };

/** Real milliseconds; a call that takes longer hangs. */
const patienceMs = 10_000;

/** What the work came to. After so many real milliseconds (default 10,000) it is given up as an error. */
export async function settle<Value>(
  work: () => Promise<Value>,
  { what = 'the call', withinMs = patienceMs }: { what?: string; withinMs?: number } = {},
): Promise<Result<Value>> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Result<Value>>((resolve) => {
    const error = new Error(`${what} had not ended ${withinMs} ms after it began`);
    timer = setTimeout(() => resolve({ error }), withinMs);
  });
  const result = (async () => work())().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return Promise.race([result, patience]).finally(() => clearTimeout(timer));
}

// As in the hub, where config says nothing else.
const openWithinMs = 10_000;
const closeWithinMs = 5_000;

/** The connection. Throws what `open` throws, and where it takes longer than the hub would wait. */
export async function openInTime<Connection>(
  open: () => Promise<Connection> | Connection,
): Promise<Connection> {
  const result = await settle(async () => open(), { what: '`open`', withinMs: openWithinMs });
  if ('error' in result) throw result.error;
  return result.value;
}

/** Throws what `close` throws, and where it takes longer than the hub would wait. */
export async function closeInTime(close: () => Promise<void> | void): Promise<void> {
  const result = await settle(async () => close(), { what: '`close`', withinMs: closeWithinMs });
  if ('error' in result) throw result.error;
}
