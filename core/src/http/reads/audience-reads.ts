// Audiences as the API shows them, and what a rule would come to.
import { parseRule } from '../../audience/parse-rule.ts';
import { rememberHandedOut } from '../../identity/find.ts';
import type { AudienceReads, RulePreview } from '../hub-reads.ts';
import { describeRule } from './describe-rule.ts';
import { readerOf, type Rooms } from './rooms.ts';

export function createAudienceReads(rooms: Rooms): AudienceReads {
  const { config, audiences, store } = rooms;
  const reader = readerOf(store);
  return {
    list: () =>
      config.audiences.map(({ name, title, rule }) => ({ name, title, rule: describeRule(rule) })),
    size: (audience, now) => audiences.sizeOf(reader, audience, now),
    preview: (rule, now) => previewRule(rooms, rule, now),
    async members(audience, after, limit, now) {
      const members = await audiences.membersOf(reader, audience, now, { after, limit });
      const ids = members.map(({ profileId }) => profileId);
      await rememberHandedOut(reader, ids, now);
      return members;
    },
  };
}

async function previewRule(
  { config, audiences, store }: Rooms,
  rule: unknown,
  now: number,
): Promise<RulePreview> {
  const parsed = parseRule(rule, {
    audiences: config.audiences.map(({ name }) => name),
    computed: new Map([...config.profile.computed].map(([name, { measure }]) => [name, measure])),
    namespaces: config.identity.namespaces.keys(),
    path: ['rule'],
  });
  if ('rule' in parsed) return audiences.preview(store, parsed.rule, now);
  return { problems: parsed.problems.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}
