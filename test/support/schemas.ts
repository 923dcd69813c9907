// A schema of a test's own on the machine's PostgreSQL.
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { postgresUrl } from './services.ts';

export function freshSchema(): string {
  return `t_${randomUUID().replaceAll('-', '')}`;
}

export async function dropSchema(schema: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query('SET client_min_messages TO warning');
    await client.query(`DROP SCHEMA IF EXISTS ${client.escapeIdentifier(schema)} CASCADE`);
  } finally {
    await client.end();
  }
}
