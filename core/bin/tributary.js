#!/usr/bin/env node
// The `tributary` command. Plain ES2020 without newer syntax or imports, because the first thing it
// has to do on an old Node is to say something better than a syntax error. On Node 24 it runs the
// command line in this process; elsewhere it starts the Node 24 that the `node` package brought.
import { spawn } from 'child_process';
import { existsSync } from 'fs';
import { createRequire } from 'module';
import { constants } from 'os';
import { dirname, join } from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const neededMajor = 24;
const sourceCondition = '--conditions=tributary-source';
const bin = fileURLToPath(import.meta.url);
const built = join(dirname(bin), '../dist/cli/main.js');
const source = join(dirname(bin), '../src/cli/main.ts');

/** Set for the process this file starts, so that it never starts another. */
const startedMark = 'TRIBUTARY_STARTED_BY_BIN';
const started = process.env[startedMark] === '1';
delete process.env[startedMark];

// A workspace runs from its sources even when a build lies beside them. Node strips no types below
// node_modules, so an installed package always runs what was built.
const installed = bin.split(/[\\/]/).includes('node_modules');
const fromSource = !installed && existsSync(source);
const flags = fromSource ? [sourceCondition] : [];

function isNewEnough() {
  return Number(process.versions.node.split('.')[0]) >= neededMajor;
}

function hasFlags() {
  const given = process.execArgv.concat((process.env.NODE_OPTIONS || '').split(' '));
  return flags.every((flag) => given.includes(flag));
}

/** The binary that the `node` package put beside us, if its install script ran. */
function findBundledNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json');
    const name = process.platform === 'win32' ? 'node.exe' : 'node';
    const binary = join(dirname(manifest), 'bin', name);
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function fail(message) {
  process.stderr.write(message + '\n');
  process.exitCode = 1;
}

function runHere() {
  const main = fromSource ? source : built;
  if (!existsSync(main)) {
    fail(
      'TRIBUTARY_NOT_BUILT: ' +
        bin +
        ': found no ' +
        main +
        ', expected the built command line. ' +
        'Install @tributary/core again, or run `npm run build` in its workspace.',
    );
    return;
  }
  if (started && process.channel) endWithParent();
  import(pathToFileURL(main).href)
    .then((cli) => cli.main(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code;
      },
      (error) => {
        process.stderr.write((error && error.stack ? error.stack : String(error)) + '\n');
        process.exit(1);
      },
    );
}

/** A hub whose starter was killed outright must not run on, holding its database. */
function endWithParent() {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

function runIn(binary) {
  const child = spawn(binary, flags.concat([bin], process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { [startedMark]: '1' }),
  });
  // A terminal sends its signals to the whole group, so what comes from it is not passed on. Where a signal
  // comes from cannot be known without one: then the other process may get it twice, and takes it once.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT']) {
    process.on(signal, () => {
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => fail('TRIBUTARY_NODE_BROKEN: ' + binary + ': ' + error.message));
  child.on('exit', (code, signal) => {
    process.exit(code === null ? 128 + (constants.signals[signal] || 0) : code);
  });
}

if (isNewEnough() && (started || hasFlags())) {
  runHere();
} else {
  const binary = isNewEnough() ? process.execPath : findBundledNode();
  if (binary && !started) {
    runIn(binary);
  } else {
    fail(
      'TRIBUTARY_NODE_TOO_OLD: ' +
        bin +
        ': found Node ' +
        process.versions.node +
        ' and no bundled ' +
        'Node ' +
        neededMajor +
        ', expected Node ' +
        neededMajor +
        ' or newer. Install Node ' +
        neededMajor +
        ', or let the bundled one be installed: npm rebuild node --ignore-scripts=false',
    );
  }
}
