// The sandbox of a plugin's cases on a port of its own, for a hub that really runs: it answers as the
// vendor would, refuses whom it is told to, and shows every request.
import { collectSecrets, redactSecrets } from '@tributary/sdk';
import {
  startLoopbackVendor,
  type DestinationCases,
  type VendorScenario,
} from '@tributary/sdk/testing';
import type { PluginPackage } from './package-on-disk.ts';

export interface SandboxOptions {
  readonly port: number;
  /** The key of the one person who is refused for ever. */
  readonly refuse: string | undefined;
  tell(line: string): void;
}

export interface Sandbox {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveSandbox(
  { plugin }: PluginPackage,
  cases: DestinationCases,
  { port, refuse, tell }: SandboxOptions,
): Promise<Sandbox> {
  const secrets = collectSecrets(plugin.settings, cases.settings('http://127.0.0.1:9'));
  return startLoopbackVendor(
    async (request) => {
      const isRefused = refuse !== undefined && request.text.includes(refuse);
      const scenario: VendorScenario = isRefused
        ? { kind: 'refuse', key: refuse, handle: refuse }
        : { kind: 'accept' };
      const answer = await cases.vendor.respond(request, scenario);
      const { method, path, text } = request;
      const words = `${method} ${path} ${text}`.trimEnd().slice(0, 2_000);
      tell(
        redactSecrets(
          `${words}\n  ${answer.status ?? 200} ${JSON.stringify(answer.json ?? '')}`,
          secrets,
        ),
      );
      return answer;
    },
    { port },
  );
}
