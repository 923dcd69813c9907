// After a rebuild some identifiers are named by no record any more, since values have another form now. Destinations
// may know somebody by the earlier one: it is kept, and known to be hers, until nothing needs it.
import { standardIdentifier } from '../standardise/identifiers.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { Store } from '../store/store.ts';
import * as plans from './earlier-form-plans.ts';
import type { IdentitySettings } from './settings.ts';

/** One of the identifiers that are looked at. */
interface Looked {
  readonly id: number;
  readonly hash: string;
  readonly namespace: string;
  readonly value: string;
  /** A record names it; it is there as the last one that was looked at. */
  readonly named: boolean;
  /** Somebody may have to be found by it. */
  readonly needed: boolean;
}

interface EarlierFormsWorld {
  readonly store: Store;
  /** By which all of the log is resolved. */
  readonly settings: IdentitySettings;
  readonly keys: DeploymentKeys;
}

/** Of identifiers after an id, at most so many. @returns the greatest id of them; null: there are none. */
export async function settleEarlierForms(
  { store, settings, keys }: EarlierFormsWorld,
  after: number,
  most: number,
): Promise<number | null> {
  const page = await store.query<Looked & Record<string, unknown>>(
    'background',
    plans.selectUnnamed,
    [after, most],
  );
  const unnamed = page.filter(({ named }) => !named);
  const spare = unnamed.filter(({ needed }) => !needed);
  const forms = unnamed.flatMap(({ id, hash, namespace, value, needed }) => {
    const now = needed ? standardIdentifier(namespace, value, settings, keys) : undefined;
    return now === undefined || now.hash === hash ? [] : [{ id, hash: now.hash }];
  });
  const columns = [forms.map(({ id }) => id), forms.map(({ hash }) => hash)];
  if (unnamed.length > 0) {
    await store.transaction('background', async (transaction) => {
      await transaction.query(plans.deleteUnnamed, [spare.map(({ id }) => id)]);
      await transaction.query(plans.eraseUnnamed, columns);
      await transaction.query(plans.noteForms, columns);
    });
  }
  return page.at(-1)?.id ?? null;
}
