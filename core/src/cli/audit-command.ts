// `tributary audit verify`: was the audit log changed, cut or rewritten?
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parsePublicKey } from '../audit/head-key.ts';
import { loadSignedHead, parseHead, type SignedHead } from '../audit/signed-head.ts';
import { verifyAudit, type AuditVerdict } from '../audit/verify.ts';
import { configOption, jsonOption, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { readConfig } from './read-config.ts';
import type { SafeTerminal } from './terminal.ts';
import { withStore } from './with-store.ts';

export const auditVerifyCommand: Command = {
  name: 'audit verify',
  summary: 'Verifies that the audit log was not changed, cut or rewritten.',
  positionals: [],
  options: {
    config: configOption,
    head: {
      type: 'string',
      multiple: true,
      value: 'FILE',
      description: 'a signed head that was kept outside the store',
    },
    'public-key': {
      type: 'string',
      value: 'FILE',
      description: 'the key that heads are signed with; default: the one beside the head',
    },
    json: jsonOption,
  },
  required: ['config'],
  details:
    'Without a head, what somebody rewrote to the very end cannot be seen. An embedded store can be verified while its hub is stopped.',
  examples: [
    'tributary audit verify --config config/demo.yaml --head heads/head-000000001234.json',
  ],
  async run(input, terminal) {
    const heads = await Promise.all(
      input.texts('head').map(async (file) => readHead(file, input.text('public-key'))),
    );
    const { config } = await readConfig(input.text('config') ?? '', terminal);
    const verdict = await withStore(config.store, async (store) => verifyAudit(store, { heads }));
    if (input.flag('json')) terminal.out(JSON.stringify(verdict, undefined, 2));
    else print(verdict, heads.length, terminal);
    return verdict.intact ? exitCodes.ok : exitCodes.failed;
  },
};

function print(verdict: AuditVerdict, heads: number, terminal: SafeTerminal): void {
  if (verdict.intact) {
    const vouched = heads === 0 ? 'no head' : `${heads} signed`;
    terminal.out(
      `The audit log is intact: ${verdict.size} entries, chain ${verdict.hash} (compared with ${vouched}).`,
    );
  } else {
    const { code, message } = verdict.fault;
    terminal.err(`${code}: ${message}`);
  }
}

/** A key beside the head proves only that both were made together; one kept elsewhere proves more. */
async function readHead(file: string, publicKey: string | undefined): Promise<SignedHead> {
  const { key } = parseHead(await readFile(file, 'utf8'), file);
  const keyFile = publicKey ?? join(dirname(file), `public-key-${key}.pem`);
  return loadSignedHead(file, parsePublicKey(await readFile(keyFile, 'utf8'), keyFile));
}
