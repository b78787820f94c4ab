import { project } from '@stt/vitest-config'

// Every test here starts real processes from the sources.
export default project('example-file-transfer', { testTimeout: 90_000, maxConcurrency: 8 })
