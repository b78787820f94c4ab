import { library } from '@stt/tsup-config'

const commands = ['demo', 'receive', 'send', 'intrude', 'meet']
const entry = Object.fromEntries(commands.map(name => [name, `src/${name}.ts`]))

export default { ...library(entry), dts: false }
