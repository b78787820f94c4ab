import { library } from '@stt/tsup-config'

export default library({ index: 'src/index.ts', testing: 'src/testing/index.ts' })
