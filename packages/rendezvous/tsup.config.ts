import { library } from '@stt/tsup-config'

export default library({ index: 'src/index.ts', server: 'src/server/index.ts' })
