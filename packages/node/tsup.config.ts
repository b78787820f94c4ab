import { byPlatform } from '@stt/tsup-config'

export default byPlatform({ index: 'src/index.ts', 'index.browser': 'src/index.browser.ts' })
