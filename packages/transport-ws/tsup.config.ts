import { library } from '@stt/tsup-config'

export default library({ index: 'src/index.ts', browser: 'src/browser.ts' })
