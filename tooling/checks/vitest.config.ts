import { project } from '@stt/vitest-config'

export default project('checks', { exclude: ['**/*.ci.test.ts', '**/node_modules/**'] })
