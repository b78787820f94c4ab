import { library } from '@stt/tsup-config'

const entry = { demo: 'src/demo.ts', receive: 'src/receive.ts', send: 'src/send.ts', intrude: 'src/intrude.ts' }

export default { ...library(entry), dts: false }
