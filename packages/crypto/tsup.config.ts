import { library } from '@stt/tsup-config'

// One source for both: `#platform` is resolved to the runtime's own file at build time.
const node = library()
const browser = library({ 'index.browser': 'src/index.ts' })

export default [
  { ...node, clean: false },
  {
    ...browser,
    clean: false,
    dts: false,
    esbuildOptions: (options: { conditions?: string[] }) => void (options.conditions = ['browser']),
  },
]
