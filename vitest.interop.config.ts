import { defineConfig } from 'vitest/config'

const conditions = ['@stt/source']

/** Against other people's programs: browsers, proxies, WebSocket and QUIC libraries, network namespaces. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'interop',
    include: ['packages/*/interop/**/*.interop.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The programs share ports, namespaces and two cores.
    fileParallelism: false,
    // Of tests that say so: those that wait for networks more than they work.
    maxConcurrency: 4,
  },
})
