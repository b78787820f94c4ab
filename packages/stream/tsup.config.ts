import { library } from '@stt/tsup-config'

export default library({ index: 'src/index.ts', segments: 'src/segments/index.ts' })
