// Why a person is at a destination, or is not: what is wanted of each of her contact points by the very
// door that planning and the gate read through, and what stands between that and the vendor.
import { statement, type Queryable } from '../store/store.ts';
import type { ActionStatus } from './action/settle-actions.ts';
import type { DeadLetter } from './dead-letters.ts';
import { readInstanceState, type InstanceState } from './instance-state.ts';
import { loadContacts, type Contact } from './plan/contacts.ts';
import { decideDesired, listsOf } from './plan/desired.ts';
import { loadSupports, type Support } from './plan/supports.ts';
import { isKeyFailure, vendorKeyOf } from './plan/vendor-keys.ts';
import type { Desired, LedgerRow } from './state/ledger-row.ts';
import { readLedgerRows } from './state/rows.ts';
import type { InstanceWorld } from './world.ts';

export interface DeliveryExplanation {
  readonly instance: InstanceState;
  readonly dryRun: boolean;
  readonly purposes: readonly string[];
  readonly channel: string;
  /** The namespaces that the destination can address. */
  readonly addresses: readonly string[];
  /** The vendor seems to be down. */
  readonly down: boolean;
  /** No call before this moment. */
  readonly nextCallAt: number;
  readonly contacts: readonly ContactExplanation[];
  readonly actions: readonly ActionExplanation[];
}

export interface ContactExplanation {
  readonly contact: Contact;
  /** False: config sends another contact point of hers. */
  readonly chosen: boolean;
  /** Why no key can be made of it; undefined: it can. */
  readonly keyProblem: string | undefined;
  readonly consent: Support['consent'] | undefined;
  readonly lists: readonly ListExplanation[];
  /** Open ones, the newest first. */
  readonly deadLetters: readonly LetterExplanation[];
}

export interface ListExplanation {
  /** '' stands for the profile itself. */
  readonly list: string;
  /** Members of any of these are on it; undefined: everybody is. */
  readonly audiences: readonly (string | undefined)[];
  /** Of these, the ones that the person is in. */
  readonly memberOf: readonly string[];
  readonly desired: Desired;
  /** Somebody else who holds the contact point speaks for it. */
  readonly spokenForBy: string | undefined;
  readonly row: LedgerRow | undefined;
}

export type LetterExplanation = Pick<
  DeadLetter,
  'id' | 'stage' | 'kind' | 'code' | 'message' | 'at'
>;

export type ActionExplanation = {
  readonly name: string;
  readonly audience: string;
  readonly status: ActionStatus;
  readonly reason: string | null;
  readonly dueAt: number | null;
  readonly plannedAt: number;
  readonly settledAt: number | null;
};

/** Most actions that are told. */
const mostActions = 20;

const selectLetters = statement(
  'explain.select_letters',
  `SELECT identifier_id AS "identifierId", id, stage, kind, code, message, at FROM dead_letter
   WHERE instance = $1 AND state = 'open' AND identifier_id = ANY($2::bigint[])
   ORDER BY id DESC LIMIT 100`,
);

const selectActions = statement(
  'explain.select_actions',
  `SELECT name, audience, status, reason, due_at AS "dueAt", planned_at AS "plannedAt",
     settled_at AS "settledAt"
   FROM action WHERE instance = $1 AND identifier_id = ANY($2::bigint[])
   ORDER BY planned_at DESC LIMIT $3`,
);

export async function explainDelivery(
  world: InstanceWorld,
  queryable: Queryable,
  profileId: string,
): Promise<DeliveryExplanation> {
  const { plugin } = world.destination;
  const rules = { namespaces: plugin.identifiers, primary: world.profile.primary };
  const contacts = await loadContacts(queryable, [profileId], { ...rules, contactPoints: 'all' });
  const ids = contacts.map(({ id }) => id);
  const supports = await loadSupports(world, queryable, ids);
  const letters = await queryable.query<LetterExplanation & { readonly identifierId: number }>(
    selectLetters,
    [world.id, ids],
  );
  const explained: ContactExplanation[] = [];
  for (const contact of contacts) {
    const own = letters.filter(({ identifierId }) => identifierId === contact.id);
    explained.push(await explainContact(world, queryable, contact, supports, own));
  }
  return {
    instance: await readInstanceState(queryable, world.id),
    dryRun: world.settings.dryRun,
    purposes: world.settings.purposes,
    channel: plugin.channel,
    addresses: plugin.identifiers,
    down: world.traffic.isDown(),
    nextCallAt: world.traffic.nextCallAt(),
    contacts: explained,
    actions: await queryable.query<ActionExplanation>(selectActions, [world.id, ids, mostActions]),
  };
}

async function explainContact(
  world: InstanceWorld,
  queryable: Queryable,
  contact: Contact,
  supports: readonly Support[],
  deadLetters: readonly LetterExplanation[],
): Promise<ContactExplanation> {
  const { profileId } = contact;
  const behind = supports.filter(({ identifier }) => identifier.id === contact.id);
  const own = behind.find((support) => support.profileId === profileId);
  const key = vendorKeyOf(world, contact);
  const failed = isKeyFailure(key);
  const lists: ListExplanation[] = [];
  for (const settings of listsOf(world.settings).values()) {
    const { list, sources } = settings;
    const rows = failed ? [] : await readLedgerRows(queryable, world.id, list, [key.hash]);
    const desired = decideDesired({ list: settings, supports: behind, erased: false });
    const audiences = sources.map(({ audience }) => audience);
    lists.push({
      list,
      audiences,
      memberOf: audiences
        .filter((name) => name !== undefined && own?.memberships.has(name) === true)
        .map(String),
      desired,
      spokenForBy:
        desired.wanted && desired.profileId !== profileId ? desired.profileId : undefined,
      row: rows[0],
    });
  }
  return {
    contact,
    chosen: own !== undefined,
    keyProblem: failed ? key.message : undefined,
    consent: own?.consent,
    lists,
    deadLetters,
  };
}
