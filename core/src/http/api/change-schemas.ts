// Plans and changes of a running hub's config, as the API answers them.
import { count, flag, members, text, time, type Schema } from './schema-parts.ts';

const texts: Schema = { type: 'array', items: text };
const listOf = (item: Schema): Schema => ({ type: 'array', items: item });
const named = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const told = (schema: Schema, description: string): Schema => ({ ...schema, description });

export const changeSchemas = {
  ChangedNames: members({ added: texts, changed: texts, removed: texts }),
  AudienceMove: members({
    audience: text,
    before: told(count, 'Members now.'),
    after: told(count, 'Members then.'),
    entering: count,
    leaving: count,
  }),
  ListEffect: members(
    {
      list: told(text, "The vendor's list; empty: the profiles."),
      audiences: texts,
      present: told(count, 'Addresses that may be there now.'),
      added: count,
      updated: told(count, 'They stay and are told other fields.'),
      removed: count,
      calls: told(count, 'At least so many.'),
    },
    { guard: told(members({ code: text, message: text }), 'A guard that would stop it and ask.') },
  ),
  DestinationEffect: members(
    {
      destination: text,
      lists: listOf(named('ListEffect')),
      newlyShown: told(count, 'Addresses that the vendor has never been told of.'),
      fields: told(
        members({ added: texts, removed: texts }),
        'What would leave for it that does not now, and the other way round.',
      ),
      members: told(count, 'People who would be on a list.'),
      unreachable: told(count, 'Of them: without an address that the vendor takes.'),
      withheld: told(count, 'Of them: who lack a grant.'),
      purposes: listOf(members({ purpose: text, lacking: count })),
      calls: told(count, 'At least so many.'),
    },
    {
      seconds: told(count, 'Under the calls a second that plugin or config allow.'),
      leftBehind: told(
        count,
        'Of a destination that is no more: addresses that stay at the vendor.',
      ),
    },
  ),
  AgeingEffect: members({
    rule: text,
    removed: told(count, 'Records, people or entries that would go for good.'),
  }),
  ChangePlan: members(
    {
      id: told(text, 'A hash of everything below.'),
      madeAt: time,
      running: told(text, 'A keyed hash of the config that the hub goes by.'),
      next: told(text, 'The same of the config that was planned.'),
      restart: told(texts, 'Keys of config that only a restart changes.'),
      sources: named('ChangedNames'),
      destinations: named('ChangedNames'),
      audiences: named('ChangedNames'),
      computed: named('ChangedNames'),
      rules: told(texts, 'Other parts of config that change.'),
      moves: listOf(named('AudienceMove')),
      effects: listOf(named('DestinationEffect')),
      tolerance: told(
        members({ share: { type: 'number' }, people: count }),
        'How much more may happen before the plan counts as drifted: the larger of the two.',
      ),
    },
    {
      ageing: told(
        listOf(named('AgeingEffect')),
        'What would go because it is older than it is kept then.',
      ),
      peopleAnew: told(
        members({ events: count, seconds: count }),
        'People are made anew from the log: the other numbers are of people as they are now.',
      ),
    },
  ),
  Change: members({
    config: told(text, 'A keyed hash of the config that the hub goes by now.'),
    changed: told(flag, 'False: it went by it already.'),
    peopleAnew: told(flag, 'People are being made anew from the log; deliveries wait meanwhile.'),
  }),
  Rebuilt: members({ events: told(count, 'Events of the log.') }),
  ChangeState: members(
    { config: told(text, 'A keyed hash of the config that the hub goes by.') },
    {
      peopleAnew: told(
        members({ done: count, all: count }),
        'Events so far and in all, while people are made anew from the log.',
      ),
    },
  ),
};
