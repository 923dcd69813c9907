// One configuration for all tests of the workspace. Packages are taken from their sources, as in
// development; each test file runs in a process of its own, two at a time.
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.ts';

const conditions = ['tributary-source', 'node', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['{sdk,core,plugins,test}/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      'test/architecture/fixtures/**',
      'core/templates/**',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    execArgv: ['--conditions=tributary-source'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
  },
});
