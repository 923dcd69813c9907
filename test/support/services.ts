// Which services this machine has. A test that needs one is skipped with a clear line where it is
// absent, and fails where REQUIRE_SERVICES=1 says that all of them must be there.
import { connect } from 'node:net';
import { existsSync } from 'node:fs';

export const postgresUrl: string =
  process.env['TRIBUTARY_TEST_POSTGRES'] ?? 'postgres://root@127.0.0.1:5432/test';

export type ServiceName = 'postgres' | 'mosquitto' | 'chromium';

/** True when the service answers. Throws where it does not and REQUIRE_SERVICES=1. */
export async function hasService(name: ServiceName): Promise<boolean> {
  const present = await probe(name);
  if (present) return true;
  if (process.env['REQUIRE_SERVICES'] === '1') {
    throw new Error(`REQUIRE_SERVICES=1 and ${name} is not available on this machine`);
  }
  console.warn(`skipped: ${name} is not available on this machine`);
  return false;
}

export const chromiumPath: string = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

async function probe(name: ServiceName): Promise<boolean> {
  switch (name) {
    case 'postgres': {
      const url = new URL(postgresUrl);
      return canConnect(url.hostname, Number(url.port || 5432));
    }
    case 'mosquitto':
      return canConnect('127.0.0.1', 1883);
    case 'chromium':
      return existsSync(chromiumPath);
  }
}

async function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 15_000 });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
