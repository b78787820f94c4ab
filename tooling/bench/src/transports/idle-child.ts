/** A process of the memory benchmark: `serve NAME` listens and says what it takes, `dial NAME ADDRESS` opens connections. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { transports } from './index.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const [role, name, address] = process.argv.slice(2) as [string, string, string | undefined]
const transport = await transports[name]!()

if (role === 'serve') {
  const server = await transport.serve()
  process.on('message', async () => {
    for (let i = 0; i < 5; i++) {
      collect()
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    process.send!({ kibibytes: process.memoryUsage().rss / 1_024 })
  })
  process.send!({ address: server.address })
} else {
  const end = await transport.dial(address!)
  process.on('message', async ({ count }: { count: number }) => {
    for (let i = 0; i < count; i++) await end.idle()
    process.send!({ done: true })
  })
  process.send!({ ready: true })
}
process.once('disconnect', () => process.exit())
