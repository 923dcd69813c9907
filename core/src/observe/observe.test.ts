// What leaves the hub for people to read: log lines without people or secrets, metrics by name.
import { describe, expect, test } from 'vitest';
import { createLogger, type LoggerOptions } from './logger.ts';
import { metricTable } from './metric-table.ts';
import { createMetrics } from './metrics.ts';

function parseLine(line: string): Record<string, unknown> {
  const parsed: Record<string, unknown> = JSON.parse(line);
  return parsed;
}

function collect(options: LoggerOptions = {}): {
  log: ReturnType<typeof createLogger>;
  lines: () => Record<string, unknown>[];
  text: () => string;
} {
  const written: string[] = [];
  const log = createLogger({ ...options, destination: { write: (line) => written.push(line) } });
  return {
    log,
    lines: () => written.map(parseLine),
    text: () => written.join(''),
  };
}

describe('the log', () => {
  test('is JSON lines with level, time, fields of the child and the message', () => {
    const { log, lines } = collect({ fields: { hub: 'demo' } });
    log.child({ instance: 'mail' }).warn('slow', { milliseconds: 1_200, retried: false });
    log.debug('below the level');
    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        hub: 'demo',
        instance: 'mail',
        milliseconds: 1_200,
        retried: false,
        msg: 'slow',
      },
    ]);
  });

  test('has no secret in it, in whatever form', () => {
    const secret = 's3cr"et/with+odd chars';
    const { log, text, lines } = collect({ secrets: [secret] });
    log.error(`failed with ${secret}`, { header: `Bearer ${secret}` });
    log.child({ url: `https://x.example/?key=${encodeURIComponent(secret)}` }).info('call');
    expect(text()).not.toContain('s3cr');
    expect(text().match(/\[secret\]/g)).toHaveLength(3);
    expect(lines()).toHaveLength(2);
  });

  test('has no addresses and no numbers of people in it', () => {
    const { log, text, lines } = collect();
    log.info('rejected ada.lovelace+news@mail.example.co.uk, call +4915112345678', {
      words: 'user äöü@bücher.example not found',
    });
    expect(text()).not.toMatch(/ada|lovelace|bücher|4915112345678/);
    expect(lines()[0]?.['msg']).toBe('rejected [address], call [number]');
  });

  test('leaves out what is no scalar and cuts what is too long', () => {
    const { log, lines } = collect();
    const fields: object = { person: { name: 'Ada' }, body: 'x'.repeat(5_000), ok: true };
    log.info('answer', { ...fields });
    expect(lines()[0]).not.toHaveProperty('person');
    expect(String(lines()[0]?.['body'])).toHaveLength(2_000);
  });
});

describe('metrics', () => {
  test('appear under the names of the table, with their labels', async () => {
    const metrics = createMetrics();
    metrics.add('tributary_records_total', { source: 'web', result: 'accepted' }, 3);
    metrics.set('tributary_profiles', {}, 7);
    metrics.observe('tributary_store_wait_seconds', { lane: 'gate' }, 30);
    const text = await metrics.metrics();
    expect(text).toContain('tributary_records_total{source="web",result="accepted"} 3');
    expect(text).toContain('tributary_profiles 7');
    expect(text).toContain('tributary_store_wait_seconds_bucket{le="0.05",lane="gate"} 1');
    expect(text).toContain('tributary_store_wait_seconds_bucket{le="0.025",lane="gate"} 0');
    for (const name of Object.keys(metricTable)) expect(text).toContain(`# HELP ${name} `);
  });

  test('of what is no more are shown no more', async () => {
    const metrics = createMetrics();
    const before = metrics.beginQuestion();
    before.set('tributary_audience_members', { audience: 'kept' }, 1);
    before.set('tributary_audience_members', { audience: 'gone' }, 2);
    before.end();
    const now = metrics.beginQuestion();
    now.set('tributary_audience_members', { audience: 'kept' }, 3);
    now.end();
    const text = await metrics.metrics();
    expect(text).toContain('tributary_audience_members{audience="kept"} 3');
    expect(text).not.toContain('"gone"');
  });

  test('of two hubs in one process do not mix', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.set('tributary_profiles', {}, 1);
    expect(await other.metrics()).not.toContain('tributary_profiles 1');
  });

  test('counters say that they are', () => {
    const rows = Object.entries(metricTable);
    const counters = rows.filter(([, { kind }]) => kind === 'counter').map(([name]) => name);
    const totals = rows.map(([name]) => name).filter((name) => name.endsWith('_total'));
    expect(totals).toEqual(counters);
  });
});
