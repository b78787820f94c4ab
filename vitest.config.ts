import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'tooling/*/vitest.config.ts', 'examples/*/vitest.config.ts'],
    // One for each core, where vitest leaves one idle: some tests wait more than they work.
    maxWorkers: '100%',
  },
})
