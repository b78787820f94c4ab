import { project } from '@stt/vitest-config'

export default project('checks', { exclude: ['**/*.{ci,long}.test.ts', '**/node_modules/**'] })
