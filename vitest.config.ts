import { defineConfig } from 'vitest/config';

// Tests run the TypeScript sources: the `@concord/source` condition of each package's exports.
const conditions = ['@concord/source', 'module'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

const setupFiles = ['scripts/patient-tests.mjs'];
const simulation = 'packages/simulation/src/**/*.test.ts';
const mongodb = '**/*.mongodb.test.ts';

export default defineConfig({
  test: {
    // All cores: the page that usually wants one is not there.
    maxWorkers: '100%',
    projects: [
      {
        ...shared,
        test: {
          name: 'units',
          setupFiles,
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.{ts,tsx}',
            'scripts/*.test.mjs',
          ],
          exclude: [simulation, mongodb],
          // A worker runs many files and loads shared modules once. A test that changes a module or a global puts it back.
          isolate: false,
          // Of tests that hang: a machine that is busy with other things must not make one fail.
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        // Seeds and mutants: all computation, in files that share it out to the cores.
        ...shared,
        test: {
          name: 'simulation',
          setupFiles,
          include: [simulation],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        // The built server as processes. Most tests wait more than they work, so that two run at a time.
        ...shared,
        test: {
          name: 'processes',
          setupFiles,
          include: ['e2e/process/**/*.test.ts'],
          exclude: [mongodb],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
      {
        // What needs a server of MongoDB, which scripts/mongodb.mjs starts. It waits more than it computes.
        ...shared,
        test: {
          name: 'mongodb',
          setupFiles,
          include: [mongodb],
          exclude: ['**/node_modules/**'],
          isolate: false,
          testTimeout: 600_000,
          hookTimeout: 300_000,
          maxWorkers: 3,
        },
      },
      {
        // Several servers over one database (scripts/cluster.mjs). Each test has a cluster of its own.
        ...shared,
        test: {
          name: 'cluster',
          setupFiles,
          include: ['e2e/cluster/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
