// Which source a path belongs to: the one with the longest mount that listens on the rest. Two that
// listen on the same path, or one on a path of the hub's own, are refused before anything listens.
import type { ListeningHttp, MountedSource, OpenedSource } from './mounted-source.ts';

/** What the hub itself answers, with everything below. */
export const reservedPaths = [
  '/api',
  '/console',
  '/healthz',
  '/livez',
  '/readyz',
  '/metrics',
] as const;

export interface FoundSource {
  readonly source: MountedSource;
  /** Below the mount, begins with `/`. */
  readonly path: string;
}

/** The sources that listen, longest mount first. Throws HTTP_MOUNT_INVALID with all that is wrong. */
export function resolveMounts(sources: readonly OpenedSource[]): readonly MountedSource[] {
  const mounted = sources.flatMap((source) => {
    const http: ListeningHttp | undefined = source.definition.http;
    return http ? [{ ...source, http, mount: mountOf(source) }] : [];
  });
  const problems = mounted.flatMap((source, place) => [
    ...judgeReserved(source),
    ...mounted.slice(0, place).flatMap((other) => judgePair(other, source)),
  ]);
  if (problems.length > 0) throw new Error(`HTTP_MOUNT_INVALID: ${problems.join(' ')}`);
  return mounted.sort((left, right) => right.mount.length - left.mount.length);
}

export function findSource(
  mounted: readonly MountedSource[],
  path: string,
): FoundSource | undefined {
  for (const source of mounted) {
    const rest = below(source.mount, path);
    if (rest !== undefined && source.http.paths.some((pattern) => matches(pattern, rest))) {
      return { source, path: rest };
    }
  }
  return undefined;
}

function mountOf({ settings, definition }: OpenedSource): string {
  const mount = settings.mount ?? definition.http?.mount ?? `/sources/${settings.id}`;
  return `/${mount}`.replace(/^\/+/, '/').replace(/\/+$/, '');
}

/** What is left of the path below the mount; undefined: it is not below it. */
function below(mount: string, path: string): string | undefined {
  if (path === mount) return '/';
  return path.startsWith(`${mount}/`) ? path.slice(mount.length) : undefined;
}

function matches(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function judgeReserved(source: MountedSource): string[] {
  return fullPatterns(source).flatMap((pattern) => {
    const path = pattern.replace(/\*$/, '');
    const taken = reservedPaths.find((own) => path === own || path.startsWith(`${own}/`));
    return taken
      ? [
          `sources.${source.settings.id}.mount: found ${pattern}, expected a path outside ${taken}, which the hub answers itself. Give the source another mount.`,
        ]
      : [];
  });
}

/** The same pattern twice: which of the two got a request would hang on their order. */
function judgePair(left: MountedSource, right: MountedSource): string[] {
  const both = fullPatterns(left).find((pattern) => fullPatterns(right).includes(pattern));
  return both === undefined
    ? []
    : [
        `sources.${right.settings.id}.mount: found ${both}, which ${left.settings.id} listens on, expected a path of its own. Give one of them another mount.`,
      ];
}

function fullPatterns({ mount, http }: MountedSource): string[] {
  return http.paths.map((pattern) => `${mount}${pattern}`);
}
