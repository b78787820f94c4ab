import { fileURLToPath } from 'node:url'
import { defineProject } from 'vitest/config'

/** Imports lead to the sources of every package, so that nothing has to be built first. */
export const fromSources = {
  resolve: { conditions: ['@stt/source'] },
  ssr: { resolve: { conditions: ['@stt/source'] } },
}

/** Milliseconds, so that no test fails because the machine has much else to do. */
export const patience = { testTimeout: 120_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } }

/** Tests of one package. */
export const project = (name, overrides = {}) =>
  defineProject({
    ...fromSources,
    test: {
      name,
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      setupFiles: [fileURLToPath(new URL('./warnings.js', import.meta.url))],
      // Long tests run by themselves: npm run test:long.
      exclude: ['**/*.long.test.ts', '**/node_modules/**'],
      ...patience,
      testTimeout: Number(process.env.STT_TEST_TIMEOUT ?? patience.testTimeout),
      ...overrides,
    },
  })
