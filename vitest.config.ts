import { defineConfig } from 'vitest/config';

// Tests run the TypeScript sources: the `@concord/source` condition of each package's exports.
const conditions = ['@concord/source', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'e2e/process/**/*.test.ts',
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.{ts,tsx}',
    ],
    testTimeout: 30_000,
  },
});
