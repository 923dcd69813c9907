// The privacy room's door: takes requests, carries them out beside everything else, and tells how they stand.
import type { Clock, ConsentChange, JsonObject } from '@tributary/sdk';
import type { HubConfig } from '../config/hub-config.ts';
import { readProcessingRecord, type ProcessingRow } from './processing.ts';
import type { Store } from '../store/store.ts';
import { readerOf } from '../store/reader.ts';
import { ageLog, letAge, readRetention, type RetentionView } from '../retention/retention.ts';
import type { RetentionConfig } from '../retention/rules.ts';
import { exportPerson, type AccessDocument, type AccessFormat } from './access.ts';
import { askErasure } from './ask-erasure.ts';
import { newAsking } from './asking.ts';
import { awaitResolved } from './await-resolved.ts';
import { createCarryOut } from './carry-out.ts';
import { findPerson, type FoundPerson, type Person, type PersonQuestion } from './find-person.ts';
import { createLoop } from './loop.ts';
import { noticeErasures } from './notice.ts';
import { reapplyErasures, type ResolveLog } from './reapply.ts';
import * as requests from './requests.ts';
import { sayOf } from './say-of.ts';
import type { RetentionWorld } from '../retention/world.ts';
import type { PrivacyWorld } from './world.ts';

/** What goes by the config of now. */
export interface PrivacyRules {
  readonly config: Pick<HubConfig, 'name' | 'destinations'> & RetentionConfig;
  readonly room: PrivacyWorld['room'];
  readonly delivery: PrivacyWorld['delivery'];
}

export interface PrivacyOptions extends Pick<PrivacyWorld, 'store' | 'intake' | 'log'> {
  readonly clock: Clock;
  readonly random: () => number;
  /** Of several processes one carries requests out; absent: this one. */
  readonly duty?: { readonly isHeld: boolean; readonly store: Store };
  current(): PrivacyRules;
}

export type Asked<Answer = { readonly id: string }> =
  ({ readonly kind: 'asked' } & Answer) | Exclude<FoundPerson, { readonly kind: 'person' }>;

export interface RequestView {
  readonly request: requests.RequestRow;
  readonly tasks: readonly requests.TaskRow[];
}

export interface Privacy {
  start(): void;
  stop(): Promise<void>;
  /**
   * What the store has lost, because it is a backup from before: erasures, and what has grown old since. Before
   * anything is sent, and before anybody else resolves.
   */
  reapply(resolveLog: ResolveLog): Promise<number>;
  /** One step; true when there is more to do at once. */
  step(): Promise<boolean>;
  /** Acknowledged once it is durable and nothing more is sent to her. */
  erase(question: PersonQuestion, actor: string): Promise<Asked>;
  /** Everything about a person. */
  access(
    question: PersonQuestion,
    format: AccessFormat,
    actor: string,
  ): Promise<Asked<{ readonly id: string; readonly document: AccessDocument } & Person>>;
  /** She says no to these purposes, whatever they rest on. */
  object(question: PersonQuestion, purposes: readonly string[], actor: string): Promise<Asked>;
  /** What is right about her, said by hand: it counts for more than any source. */
  rectify(question: PersonQuestion, traits: JsonObject, actor: string): Promise<Asked>;
  list(filter: requests.RequestFilter): Promise<readonly requests.RequestRow[]>;
  read(id: string): Promise<RequestView | undefined>;
  /** False: the destination is not one that waits for a person's hand. */
  confirm(id: string, instance: string, actor: string): Promise<boolean>;
  countOpen(): ReturnType<typeof requests.countOpenRequests>;
  /** How each rule by which data ages stands. */
  retention(): Promise<readonly RetentionView[]>;
  processing(): Promise<readonly ProcessingRow[]>;
}

export function createPrivacy(options: PrivacyOptions): Privacy {
  const { store, intake, log, clock } = options;
  const reader = readerOf(store);
  const carryOut = createCarryOut();
  const worldNow = (): PrivacyWorld => {
    const { config, room, delivery } = options.current();
    const enabled = [...config.destinations.values()].filter((instance) => instance.enabled);
    const ids = new Set(enabled.map(({ id }) => id));
    return { store, intake, log, room, delivery, settings: config.privacy, enabled: ids };
  };

  /** What is written now counts only while this process works. */
  const onDuty = (): PrivacyWorld => {
    const { duty } = options;
    return { ...worldNow(), ...(duty && { store: duty.store }) };
  };

  const step = async (): Promise<boolean> => {
    if (options.duty?.isHeld === false) return false;
    const world = onDuty();
    const noticed = await noticeErasures(world);
    const carried = await carryOut(world);
    return (await letAge(ageing(world, options))) || carried || noticed;
  };

  const ask: Ask = async (kind, question, actor, work) => {
    await awaitResolved(reader, clock);
    return askWith(worldNow(), { kind, question, actor, work });
  };

  return {
    ...createLoop(step, options),
    step,
    async reapply(resolveLog) {
      const erasures = await reapplyErasures(onDuty(), resolveLog);
      await ageLog(ageing(onDuty(), options));
      return erasures;
    },
    erase: (question, actor) =>
      ask('erase', question, actor, async (person, id, world) => {
        await askErasure(person, { ...newAsking(actor), id }, world);
        return {};
      }),
    access: (question, format, actor) =>
      ask('access', question, actor, (person, id, world) => ({
        ...person,
        document: exportPerson(person, format, id, {
          ...world,
          hubName: options.current().config.name,
        }),
      })),
    object: (question, purposes, actor) =>
      ask('object', question, actor, async (person, id, world) => {
        const consents = purposes.map((purpose): ConsentChange => ({
          purpose,
          status: 'denied',
          lawfulBasis: 'objection',
          evidence: { request: id },
        }));
        await sayOf(person, { type: 'consent', consents }, id, world);
        return {};
      }),
    rectify: (question, traits, actor) =>
      ask('rectify', question, actor, async (person, id, world) => {
        await sayOf(person, { type: 'identify', traits }, id, world);
        return {};
      }),
    list: (filter) => requests.listRequests(reader, filter),
    read: (id) => requests.readRequest(reader, id),
    confirm: (id, instance, actor) =>
      store.transaction('background', (transaction) =>
        requests.confirmByHand(transaction, id, instance, actor, clock.now()),
      ),
    countOpen: () => requests.countOpenRequests(reader, clock.now()),
    retention: () => readRetention(reader, options.current().config, clock.now()),
    processing: () => readProcessingRecord(reader),
  };
}

/** Who is forgotten by age goes the way of whoever asks to be. */
function ageing(world: PrivacyWorld, { clock, current }: PrivacyOptions): RetentionWorld {
  const { store, room } = world;
  return {
    store,
    room,
    clock,
    config: current().config,
    forget: ({ at, refusals, ...people }) =>
      askErasure(people, { ...newAsking('retention'), origin: 'retention' }, world, {
        at,
        afterwards: refusals,
      }),
  };
}

type Work<Answer> = (person: Person, id: string, world: PrivacyWorld) => Promise<Answer> | Answer;

type Ask = <Answer>(
  kind: requests.RequestKind,
  question: PersonQuestion,
  actor: string,
  work: Work<Answer>,
) => Promise<Asked<{ readonly id: string } & Answer>>;

interface Asking<Answer> {
  readonly kind: requests.RequestKind;
  readonly question: PersonQuestion;
  readonly actor: string;
  readonly work: Work<Answer>;
}

/** Finds her, does what was asked, and writes the request down. */
async function askWith<Answer>(
  world: PrivacyWorld,
  { kind, question, actor, work }: Asking<Answer>,
): Promise<Asked<{ readonly id: string } & Answer>> {
  const { store, room, settings } = world;
  const found = await findPerson(readerOf(store), question, world);
  if (found.kind !== 'person') return found;
  const asking = newAsking(actor);
  const now = room.now();
  const answer = await work(found.person, asking.id, world);
  await store.transaction('background', (transaction) =>
    requests.noteRequest(transaction, {
      ...asking,
      kind,
      receivedAt: now,
      deadlineMs: settings.deadlineMs,
      hashes: found.person.identifiers.map(({ hash }) => hash),
      at: now,
      number: null,
      // The log says whom an erasure covers.
      covers: kind !== 'erase',
      now,
    }),
  );
  return { kind: 'asked', id: asking.id, ...answer };
}
