/** A process that does nothing but handshakes of one kind: `child.ts NAME`, then so many for each number that it is sent. */
import { contestants } from './contestants.ts'

const handshake = await contestants[process.argv[2]!]!()

process.on('message', async (count: number) => {
  const started = performance.now()
  for (let i = 0; i < count; i++) await handshake()
  process.send!({ milliseconds: performance.now() - started })
})
process.once('disconnect', () => process.exit())
process.send!({ ready: true })
