// A destination: lists of the Post Office, which sends newsletters.
import {
  classifyStatus,
  defineDestination,
  isJsonObject,
  type DeliveryOutcome,
  type JsonObject,
  type MemberDelivery,
  type Outcome,
  type PluginFetch,
} from '@tributary/sdk';

export default defineDestination({
  name: 'post-office',
  title: 'Post Office',
  settings: {
    type: 'object',
    properties: {
      apiKey: { type: 'string', writeOnly: true },
      baseUrl: { type: 'string', default: 'https://api.post-office.example' },
    },
    required: ['apiKey'],
    additionalProperties: false,
  },
  // Whom the vendor can address, and which consent it takes to reach them.
  identifiers: ['email'],
  channel: 'email',
  audiences: {
    mode: 'mirror',
    add: async (call) => change('add', call),
    remove: async (call) => change('remove', call),
  },
});

interface Call {
  readonly list: string;
  readonly deliveries: readonly MemberDelivery[];
  readonly settings: { readonly apiKey: string; readonly baseUrl?: string };
  readonly fetch: PluginFetch;
  readonly signal: AbortSignal;
  readonly clock: { now(): number };
}

/** One request for the whole batch; the vendor answers for each address. */
async function change(operation: 'add' | 'remove', call: Call): Promise<DeliveryOutcome[]> {
  const { deliveries, settings, list } = call;
  if (deliveries.length === 0) return [];
  const url = `${settings.baseUrl}/lists/${encodeURIComponent(list)}/${operation}`;
  const answer = await call.fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${settings.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ members: deliveries.map(toMember) }),
    signal: call.signal,
  });
  const text = await answer.text();
  // Credentials, limits, trouble: the error says who must act, and the hub does it.
  const failure = classifyStatus(answer, call.clock.now(), text.slice(0, 200));
  if (failure) throw failure;
  const results = readResults(text);
  return deliveries.map(({ handle, key }) => ({ handle, outcome: toOutcome(results.get(key)) }));
}

function toMember({ key, traits }: MemberDelivery): JsonObject {
  return { email: key, fields: traits };
}

/** The vendor's word on each address. An answer that cannot be read says nothing on anybody. */
function readResults(text: string): Map<unknown, JsonObject> {
  try {
    const answer: unknown = JSON.parse(text);
    const results: unknown = isJsonObject(answer) ? answer['results'] : [];
    const rows = Array.isArray(results) ? results.filter(isJsonObject) : [];
    return new Map(rows.map((row) => [row['email'], row]));
  } catch {
    return new Map();
  }
}

function toOutcome(result: JsonObject | undefined): Outcome {
  if (result?.['ok'] === true) return { kind: 'delivered' };
  if (result?.['ok'] === false) {
    return { kind: 'rejected', reason: JSON.stringify(result['reason'] ?? 'no reason given') };
  }
  return { kind: 'in_doubt', reason: 'the answer does not mention this address' };
}
