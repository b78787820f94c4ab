import { defineConfig } from 'vitest/config'
import { patience } from './tooling/presets/vitest/index.js'

const conditions = ['@stt/source']

/** Soak runs, large stores, many seeds: an hour at most, all together. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'long',
    include: ['{packages,examples,tooling}/*/{src,test,interop}/**/*.long.test.ts'],
    ...patience,
    testTimeout: 30 * 60_000,
    hookTimeout: 10 * 60_000,
    // Memory is measured after a collection, and two measurements at once would see each other.
    execArgv: ['--expose-gc'],
    fileParallelism: false,
    // Of tests that say so, the mutants.
    maxConcurrency: 2,
  },
})
