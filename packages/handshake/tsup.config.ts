import { library } from '@stt/tsup-config'

export default library({ index: 'src/index.ts', listen: 'src/answer-hellos.ts', peers: 'src/policy.ts' })
