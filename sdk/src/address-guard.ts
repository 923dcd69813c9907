// A URL that a user supplied must not let her reach what only the hub can reach: the hub's own
// loopback, the neighbours on its network, a cloud's metadata service. The name is looked up once and
// the connection goes to the address that was judged, so a name that changes its mind gains nothing.
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';
import type { AddressGuard } from './context.ts';

/** The `vendorCode` of the `rejected` error with which a guarded `fetch` refuses an address. */
export const addressNotPublic = 'ADDRESS_NOT_PUBLIC';

/** Looks a host name up, all of its addresses. Default: the system's resolver. */
export type AddressLookup = (
  host: string,
  answer: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

interface Allowed {
  readonly hosts: ReadonlySet<string>;
  readonly ranges: readonly Range[];
}

// Azure's metadata and DNS service sits on an address that is public by its range.
const refusedThoughPublic = new Set(['168.63.129.16']);

/** Public and not a metadata service; an IPv4 address inside an IPv6 one is judged as itself. */
export function isPublicAddress(address: string): boolean {
  const plain = unwrap(address);
  return (
    plain !== undefined && plain.range() === 'unicast' && !refusedThoughPublic.has(plain.toString())
  );
}

/**
 * An undici agent that connects only to public addresses and to what the guard allows.
 * @throws RangeError where `allow` holds something that is no host, address or CIDR range.
 */
export function createGuardedAgent(
  guard: AddressGuard = {},
  options: { readonly connectTimeoutMs?: number; readonly lookup?: AddressLookup } = {},
): Agent {
  const allowed = parseAllowed(guard.allow ?? []);
  const lookupAll = options.lookup ?? lookupWithSystem;
  const connect = buildConnector({
    timeout: options.connectTimeoutMs ?? 10_000,
    lookup(host, lookupOptions, answer) {
      lookupAll(host, (error, addresses) => {
        if (error) return answer(error, []);
        const reachable = addresses.filter(({ address }) => mayReach(host, address, allowed));
        const first = reachable[0];
        if (first === undefined) return answer(refusal(host), []);
        if (lookupOptions.all === true) return answer(null, reachable);
        return answer(null, first.address, first.family);
      });
    },
  });
  return new Agent({
    connect(request, answer) {
      // The system looks no literal address up, so that one is judged here.
      const host = bare(request.hostname);
      if (ipaddr.isValid(host) && !mayReach(host, host, allowed)) answer(refusal(host), null);
      else connect(request, answer);
    },
  });
}

function lookupWithSystem(host: string, answer: Parameters<AddressLookup>[1]): void {
  systemLookup(host, { all: true }, (error, addresses) => answer(error, addresses ?? []));
}

function refusal(host: string): Error {
  const error = new Error(`${host} has no public address, and no setting allows it`);
  return Object.assign(error, { code: addressNotPublic });
}

function mayReach(host: string, address: string, allowed: Allowed): boolean {
  if (allowed.hosts.has(normaliseHost(host))) return true;
  const plain = unwrap(address);
  if (plain === undefined) return false;
  return isPublicAddress(address) || allowed.ranges.some((range) => contains(range, plain));
}

function contains([network, bits]: Range, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return network.kind() === address.kind() && address.match([network, bits]);
}

const nat64 = ipaddr.parseCIDR('64:ff9b::/96');

function unwrap(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // A zone (`fe80::1%eth0`) says where, not whether.
  const text = bare(address).replace(/%.*$/, '');
  if (!ipaddr.isValid(text)) return undefined;
  const parsed = ipaddr.parse(text);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed;
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address();
  if (contains(nat64, parsed)) return new ipaddr.IPv4(parsed.toByteArray().slice(12));
  return parsed;
}

function parseAllowed(entries: readonly string[]): Allowed {
  const hosts = new Set<string>();
  const ranges: Range[] = [];
  for (const entry of entries) {
    const text = bare(entry.trim());
    const address = unwrap(text);
    if (ipaddr.isValidCIDR(text)) ranges.push(ipaddr.parseCIDR(text));
    else if (address) ranges.push(wholeAddress(address));
    else if (/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?$/i.test(text)) hosts.add(normaliseHost(text));
    else throw new RangeError(`"${entry.slice(0, 100)}" is no host, address or CIDR range`);
  }
  return { hosts, ranges };
}

function wholeAddress(address: ipaddr.IPv4 | ipaddr.IPv6): Range {
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function normaliseHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
