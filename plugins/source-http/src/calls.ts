// The paths of the protocol. The browser client shortens each call to its first letter.

export type MessageType = 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias';

export type Call =
  | { readonly kind: 'message'; readonly type: MessageType }
  | { readonly kind: 'batch' }
  /** The browser client's measurements of itself. */
  | { readonly kind: 'metrics' }
  /** What the browser client asks for before it sends anything. */
  | { readonly kind: 'settings'; readonly writeKey: string };

const messageTypes = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;

const calls: ReadonlyMap<string, Call> = new Map<string, Call>([
  ...messageTypes.flatMap((type): [string, Call][] => [
    [type, { kind: 'message', type }],
    [type.charAt(0), { kind: 'message', type }],
  ]),
  ['batch', { kind: 'batch' }],
  ['b', { kind: 'batch' }],
  ['import', { kind: 'batch' }],
  ['m', { kind: 'metrics' }],
]);

/** Undefined: no call of the protocol. */
export function resolveCall(path: string): Call | undefined {
  const rest = /^\/v1\/(.+?)\/?$/.exec(path)?.[1];
  if (rest === undefined) return undefined;
  const asked = /^projects\/([^/]{1,600})\/settings$/.exec(rest)?.[1];
  if (asked === undefined) return calls.get(rest);
  const writeKey = decode(asked);
  return writeKey === undefined ? undefined : { kind: 'settings', writeKey };
}

export function isMessageType(type: string | undefined): type is MessageType {
  return messageTypes.some((known) => known === type);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
