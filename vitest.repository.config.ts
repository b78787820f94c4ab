import { defineConfig } from 'vitest/config'

/** The repository's own rules broken on purpose, packages installed from tarballs, the version step: minutes, not seconds. */
export default defineConfig({
  test: {
    name: 'repository',
    include: ['tooling/checks/test/**/*.ci.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
})
