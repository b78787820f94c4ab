import { project } from '@stt/vitest-config'

// Every test here starts real processes from the sources.
export default project('example-file-transfer', { testTimeout: 240_000, maxConcurrency: 8 })
