// Where a measured hub keeps its store: a folder or a schema of its own, gone after the run.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import { openServerStore } from '../../../core/src/store/server.ts';
import type { Store } from '../../../core/src/store/store.ts';
import { postgresUrl } from '../../support/services.ts';
import { dropSchema, freshSchema } from '../../support/schemas.ts';
import type { StoreKind } from './options.ts';

export type Place = { readonly folder: string } | { readonly url: string; readonly schema: string };

export interface TakenPlace {
  readonly place: Place;
  dispose(): Promise<void>;
}

export async function takePlace(kind: StoreKind): Promise<TakenPlace> {
  if (kind === 'postgresql') {
    const schema = freshSchema();
    return { place: { url: postgresUrl, schema }, dispose: () => dropSchema(schema) };
  }
  const root = await mkdtemp(join(tmpdir(), 'tributary-ingest-'));
  return {
    place: { folder: join(root, 'data') },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

/** With the hub's tables, or with those of another folder of migrations. */
export function openPlace(place: Place, migrationsFolder?: string): Promise<Store> {
  return 'folder' in place
    ? openEmbeddedStore({ folder: place.folder, migrationsFolder })
    : openServerStore({
        connectionString: place.url,
        schema: place.schema,
        migrationsFolder,
        poolSize: 2,
      });
}
