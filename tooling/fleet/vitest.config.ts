import { project } from '@stt/vitest-config'

export default project('fleet')
