// Runs in a thread of its own and looks whether the main one still turns. Where it does not, the
// debugger is asked what runs there; if it is a plugin's code, that is written down where the next start
// finds it, and the process is ended: nothing else ends a loop, and all that was acknowledged is durable.
import { Session } from 'node:inspector';
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import {
  hungText,
  type WatchdogData,
  type WatchdogMessage,
  type WatchdogSettings,
} from './watchdog-messages.ts';
import { currentPluginExpression, pulseFields } from './attribution.ts';
import { writeHangNote } from './hang-note.ts';

const { pulse, tickMs, ...settled } = readData(workerData);
const names = new Map<number, string>();
let { hangAfterMs, notes, prints }: WatchdogSettings = settled;

parentPort?.on('message', (message: WatchdogMessage) => {
  if (message.kind === 'name') names.set(message.place, message.name);
  else ({ hangAfterMs, notes, prints } = message);
});

let lastBeat = -1;
/** Ticks of this thread, not time: a machine that slept has missed nothing. */
let missed = 0;
let isLooking = false;
/** Once for each time that it stands still. */
let isTold = false;

setInterval(() => {
  const beat = Atomics.load(pulse, pulseFields.beats);
  const isTurning = beat !== lastBeat || Atomics.load(pulse, pulseFields.debugged) === 1;
  lastBeat = beat;
  missed = isTurning ? 0 : missed + 1;
  if (isTurning) isTold = false;
  // Looked at again while it stands still: whoever held it first may have gone over to a plugin.
  if (missed > 0 && missed % Math.ceil(hangAfterMs / tickMs) === 0) void lookOnce();
}, tickMs);

async function lookOnce(): Promise<void> {
  if (isLooking) return;
  isLooking = true;
  await look().finally(() => (isLooking = false));
}

interface Found {
  readonly name: string | undefined;
  /** File and line. */
  readonly place: string | undefined;
}

/** A thread that sits in native code (a regular expression, say) cannot be paused. */
const pauseBoundMs = 3_000;

async function look(): Promise<void> {
  const session = new Session();
  session.connectToMainThread();
  const marked = names.get(Atomics.load(pulse, pulseFields.entered));
  const asked = await Promise.race([askDebugger(session), after(pauseBoundMs)]);
  const name = asked?.name ?? marked;
  if (name !== undefined) return end(name, asked?.place);
  session.post('Debugger.resume');
  session.disconnect();
  if (isTold) return;
  isTold = true;
  const where = asked?.place === undefined ? '' : ` in ${asked.place}`;
  say(
    'warn',
    `the hub's thread has not turned for ${hangAfterMs} ms${where}; no plugin runs there`,
  );
}

async function after(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), milliseconds);
  });
}

type Evaluated = { readonly result?: { readonly value?: unknown } } | undefined;

function askDebugger(session: Session): Promise<Found> {
  return new Promise((resolve) => {
    const files = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) =>
      files.set(scriptId, url),
    );
    session.on('Debugger.paused', ({ params: { callFrames } }) => {
      const [top] = callFrames;
      const places = callFrames.map(({ location: { scriptId, lineNumber } }) => ({
        file: files.get(scriptId) ?? '',
        line: lineNumber + 1,
      }));
      const own = places.find(({ file }) => file !== '' && !file.startsWith('node:'));
      const place = own && `${own.file}:${own.line}`;
      if (!top) return resolve({ name: undefined, place });
      const { callFrameId } = top;
      const expression = currentPluginExpression;
      const question = { callFrameId, expression, returnByValue: true };
      session.post('Debugger.evaluateOnCallFrame', question, (_error, answer: Evaluated) => {
        const value: unknown = answer?.result?.value;
        resolve({ name: typeof value === 'string' ? value : undefined, place });
      });
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  });
}

async function end(name: string, place: string | undefined): Promise<void> {
  const at = new Date().toISOString();
  const print = prints[name];
  const text = hungText(name, hangAfterMs, place, print !== undefined);
  const note = { instance: name, at, place: place ?? '', print: print ?? '' };
  const noted =
    print === undefined || notes === undefined
      ? undefined
      : await writeHangNote(notes, note).catch((error: unknown) => String(error));
  say('error', noted === undefined ? text : `${text} It could not be written down (${noted}).`);
  process.kill(process.pid, 'SIGKILL');
}

function readData(data: unknown): WatchdogData {
  if (isData(data)) return data;
  throw new TypeError('the watchdog was started without its data');
}

function isData(data: unknown): data is WatchdogData {
  return typeof data === 'object' && data !== null && 'pulse' in data;
}

function say(level: 'warn' | 'error', msg: string): void {
  writeSync(2, `${JSON.stringify({ level, time: new Date().toISOString(), msg })}\n`);
}
