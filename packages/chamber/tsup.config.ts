import { library } from '@stt/tsup-config'

export default library({
  index: 'src/index.ts',
  'index.browser': 'src/index.browser.ts',
  'indexed-db': 'src/indexed-db.ts',
  testing: 'src/testing/index.ts',
})
