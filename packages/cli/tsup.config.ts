import { library } from '@stt/tsup-config'

export default library({ index: 'src/index.ts', bin: 'src/bin.ts' })
