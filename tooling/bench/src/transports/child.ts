/** A process of a pair: `child.ts NAME` serves, `child.ts NAME ADDRESS` dials and does what the parent asks. */
import { transports } from './index.ts'
import type { DialedEnd, Task, TaskResult } from './protocol.ts'

const [name, address] = process.argv.slice(2) as [string, string | undefined]
const transport = await transports[name]!()

if (address === undefined) {
  const server = await transport.serve()
  process.send!({ address: server.address })
} else {
  const end = await transport.dial(address)
  process.on('message', (task: Task) => {
    void perform(end, task).then(result => process.send!(result))
  })
  process.send!({ ready: true })
}
process.once('disconnect', () => process.exit())

async function perform(end: DialedEnd, task: Task): Promise<TaskResult> {
  const started = performance.now()
  const elapsed = (): number => performance.now() - started
  switch (task.kind) {
    case 'upload':
      await end.upload(task.bytes)
      return { milliseconds: elapsed() }
    case 'download':
      await end.download(task.bytes)
      return { milliseconds: elapsed() }
    case 'handshake': {
      for (let i = 0; i < task.count; i++) await end.connection()
      return { milliseconds: elapsed() }
    }
    case 'ping': {
      const each: number[] = []
      for (let i = 0; i < task.count; i++) {
        const sent = performance.now()
        await end.ping()
        each.push(performance.now() - sent)
      }
      return { milliseconds: elapsed(), each }
    }
  }
}
