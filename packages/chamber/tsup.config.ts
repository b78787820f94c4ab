import { library } from '@stt/tsup-config'

export default library({
  index: 'src/index.ts',
  'index.browser': 'src/index.browser.ts',
  testing: 'src/testing/index.ts',
})
