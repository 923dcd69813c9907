import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['tributary-source', 'node', 'default'] } },
  resolve: { conditions: ['tributary-source', 'node', 'default'] },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['{sdk,core,plugins,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    execArgv: ['--conditions=tributary-source'],
    pool: 'forks',
    maxWorkers: 2,
  },
});
