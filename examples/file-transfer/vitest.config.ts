import { project } from '@stt/vitest-config'

// Most tests here start real processes.
export default project('example-file-transfer', { testTimeout: 240_000, maxConcurrency: 8 })
