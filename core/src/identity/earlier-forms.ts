// After a rebuild some identifiers are named by no record any more, since values have another form now. Destinations
// may know somebody by the earlier one: it is kept, and known to be hers, until nothing needs it.
import { standardIdentifier } from '../standardise/identifiers.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { Store } from '../store/store.ts';
import * as plans from './earlier-form-plans.ts';
import type { IdentitySettings } from './settings.ts';

const sliceSize = 500;

interface Unnamed {
  readonly id: number;
  readonly hash: string;
  readonly namespace: string;
  readonly value: string;
  /** Somebody may have to be found by it. */
  readonly needed: boolean;
}

/** @param settings by which all of the log is resolved. */
export async function settleEarlierForms(
  store: Store,
  settings: IdentitySettings,
  keys: DeploymentKeys,
): Promise<void> {
  for (let after = 0; ;) {
    const page = await store.query<Unnamed & Record<string, unknown>>(
      'background',
      plans.selectUnnamed,
      [after, sliceSize],
    );
    const last = page.at(-1);
    if (last === undefined) return;
    const spare = page.filter(({ needed }) => !needed);
    const forms = page.flatMap(({ id, hash, namespace, value, needed }) => {
      const now = needed ? standardIdentifier(namespace, value, settings, keys) : undefined;
      return now === undefined || now.hash === hash ? [] : [{ id, hash: now.hash }];
    });
    const columns = [forms.map(({ id }) => id), forms.map(({ hash }) => hash)];
    await store.transaction('background', async (transaction) => {
      await transaction.query(plans.deleteUnnamed, [spare.map(({ id }) => id)]);
      await transaction.query(plans.eraseUnnamed, columns);
      await transaction.query(plans.noteForms, columns);
    });
    after = last.id;
  }
}
