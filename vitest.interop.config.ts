import { defineConfig } from 'vitest/config'
import { patience } from './tooling/presets/vitest/index.js'

const conditions = ['@stt/source']

/** Against other people's programs: browsers, proxies, WebSocket and QUIC libraries, network namespaces. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'interop',
    include: ['{packages,examples}/*/interop/**/*.interop.test.ts', 'site/interop/*.interop.test.ts'],
    ...patience,
    // Most of them wait for networks and other programs more than they work; each has ports and namespaces of its own.
    maxWorkers: 2,
    // Of tests that say so: those that wait for networks more than they work.
    maxConcurrency: 4,
  },
})
