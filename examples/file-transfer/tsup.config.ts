import { library } from '@stt/tsup-config'

/** The two commands, and those of the demo. */
const commands = ['receive', 'send', 'demo/demo', 'demo/intrude', 'demo/meet']
const entry = Object.fromEntries(commands.map(path => [path, `src/${path}.ts`]))

export default { ...library(entry), dts: false }
