/**
 * Two workers of node:cluster. Each dials the listener whose address is given, over UDP, twice; then the first listens and
 * the second tries to listen at the same address. The primary tells its parent what became of it.
 */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { isSttError, Seed, STTNode } from '@stt/node'

const [address] = process.argv.slice(2) as [string]

const ask = async (worker: Worker, listen: string): Promise<string> => {
  worker.send(listen)
  const [answer] = (await once(worker, 'message')) as [string]
  return answer
}

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()] as const
  const dialed = await Promise.all(workers.map(async worker => (await once(worker, 'message'))[0] as number[]))
  const first = await ask(workers[0], 'udp://127.0.0.1:0')
  const second = await ask(workers[1], first)
  process.send!({ dialed, first, second })
  for (const worker of workers) worker.kill()
} else {
  const seed = Seed.fromHex(process.env['STT_TEST_SEED']!)
  const client = await STTNode.create({ seed })
  const sessions = await Promise.all([client.connect(address), client.connect(address)])
  const trips = await Promise.all(sessions.map(session => session.ping()))
  process.on('message', async (listen: string) => {
    try {
      const node = await STTNode.create({ seed, listen: [listen] })
      process.send!(node.addresses[0])
    } catch (error) {
      if (!isSttError(error)) throw error
      process.send!(`${error.code} ${error.message}`)
    }
  })
  process.send!(trips)
}
