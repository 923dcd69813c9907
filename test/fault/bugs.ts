// Bugs that a hub must not have, to be planted one at a time: a harness that passes over one of them
// shows nothing. Each is a change of the hub's own source as it is loaded.

export interface Bug {
  readonly name: string;
  /** The end of the path of the module. */
  readonly file: string;
  /** Occurs once in it. */
  readonly find: string;
  readonly replace: string;
}

export const bugs: readonly Bug[] = [
  {
    name: 'checkpoint-first',
    file: 'core/src/intake/write-group.ts',
    find: "  return store.transaction('intake', async (transaction) => {",
    replace: `  for (const { checkpoint } of requests) {
    if (!checkpoint) continue;
    const { source, value, at } = checkpoint;
    await store.query('intake', upsertCheckpoint, [source, JSON.stringify(value), isoTime(at)]);
  }
  return store.transaction('intake', async (transaction) => {`,
  },
  {
    name: 'acknowledged-first',
    file: 'core/src/intake/group-commit.ts',
    find: '  const started = performance.now();',
    replace: `  const started = performance.now();
    group.forEach(({ request, resolve }) => resolve(request.rows.map((_row, place) => place)));
    await new Promise((resolve) => setTimeout(resolve, 30));`,
  },
  {
    name: 'gate-skipped',
    file: 'core/src/delivery/send/ship.ts',
    find: 'if (finding?.pass === true) entries.push({ ...finding, handle });',
    replace: 'if (finding !== undefined) entries.push({ handle, hashes: [] });',
  },
  {
    name: 'doubt-forgotten',
    file: 'core/src/delivery/recover.ts',
    find: 'await transaction.query(recoverSending, [world.id, now]);',
    replace: `await transaction.query({ name: 'bug', text: "UPDATE ledger SET status = 'settled', presence = presence_before, operation = NULL, due_at = NULL WHERE instance = $1 AND status = 'sending'" }, [world.id]);`,
  },
  {
    name: 'mail-repeated',
    file: 'core/src/delivery/recover.ts',
    find: '.filter(([, action]) => action.idempotent)',
    replace: '',
  },
  {
    name: 'seen-forgotten',
    file: 'core/src/intake/plans.ts',
    find: 'INSERT INTO seen (source, hash)\n     SELECT source, hash FROM incoming ORDER BY source, hash\n     ON CONFLICT DO NOTHING\n     RETURNING source, hash',
    replace: 'SELECT source, hash FROM incoming',
  },
  {
    name: 'cursor-first',
    file: 'core/src/resolve/resolver.ts',
    find: `      const report = await options.store.transaction('resolve', async (transaction) => {
        const batch = await readBatch(transaction, { ...options.room, limit, skip });
        if (!batch) return undefined;`,
    replace: `      const batch = await options.store.transaction('resolve', async (transaction) => {
        const found = await readBatch(transaction, { ...options.room, limit, skip });
        const move = { name: 'bug', text: "UPDATE cursor SET position = $1 WHERE consumer = 'resolve'" };
        if (found) await transaction.query(move, [found.upTo]);
        return found;
      });
      const report = await options.store.transaction('resolve', async (transaction) => {
        if (!batch) return undefined;`,
  },
  {
    name: 'forward-cursor-first',
    file: 'core/src/delivery/forward/read-log.ts',
    find: `  return world.store.transaction('background', async (transaction) => {
    // Else somebody else read this page.
    if ((await lockCursor(world, transaction)) !== position) return true;
    await takeUp(world, transaction, events);
    await moveCursor(world, transaction, last.record.number);`,
    replace: `  const { number } = last.record;
  await world.store.transaction('background', (first) => moveCursor(world, first, number));
  return world.store.transaction('background', async (transaction) => {
    await takeUp(world, transaction, events);`,
  },
  {
    name: 'books-forgotten',
    file: 'core/src/delivery/recover.ts',
    find: 'await transaction.query(recoverInDoubt, [world.id]);',
    replace: `await transaction.query({ name: 'bug', text: "UPDATE book SET planned = planned + 1 WHERE instance = $1" }, [world.id]);`,
  },
];

export function bugNamed(name: string): Bug {
  const bug = bugs.find((known) => known.name === name);
  if (bug) return bug;
  throw new Error(
    `no bug is named ${name}; known are ${bugs.map((known) => known.name).join(', ')}`,
  );
}

export function plantInto(source: string, { name, file, find, replace }: Bug): string {
  const parts = source.split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(
    `bug ${name}: found its place ${parts.length - 1} times in ${file}, expected once. Mend bugs.ts.`,
  );
}
