import { library } from '@stt/tsup-config'

type Options = ReturnType<typeof library>

const forNode: Options = { ...library({ index: 'src/index.ts', sodium: 'src/sodium.ts' }), clean: false }

// The same source; `#platform` is the browser's here. Both builds write to one folder, so neither may empty it.
const forBrowsers: Options = {
  ...library({ 'index.browser': 'src/index.ts' }),
  clean: false,
  dts: false,
  esbuildOptions(options) {
    options.conditions = ['browser']
  },
}

export default [forNode, forBrowsers]
