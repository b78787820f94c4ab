import { byPlatform } from '@stt/tsup-config'

export default byPlatform({ index: 'src/index.ts', browser: 'src/browser.ts' })
