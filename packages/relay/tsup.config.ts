import { library } from '@stt/tsup-config'

export default library({
  index: 'src/index.ts',
  program: 'src/program.ts',
  testing: 'src/testing/index.ts',
  bin: 'src/bin.ts',
})
