// A TCP port of another machine, as if it were here: a database, a web server, ssh.
//
//   port-forward.ts expose 5432 udp://0.0.0.0:4400 ws://0.0.0.0:4400      there, where the port is
//   port-forward.ts forward 15432 udp://that-machine:4400 ws://that-machine:4400
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { Seed, STTNode } from '@stt/node'

const [mode, port = '', ...addresses] = process.argv.slice(2)
const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')

/** Pipes both directions, each with its own end. A failure of one connection reaches only its other end. */
const join = (one: Duplex, other: Duplex) => pipeline(one, other, one, () => {})

if (mode === 'expose') {
  const node = await STTNode.create({ seed, listen: addresses })
  console.log(`listening on ${node.addresses.join(' ')}`)
  // The side that has the port says which: who dials cannot ask for another one.
  node.onSession(session =>
    session.onStream(stream => {
      join(stream.toDuplex(), connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true }))
    }),
  )
} else {
  const node = await STTNode.create({ seed })
  const session = await node.connect(addresses)
  // A stream for each connection: a slow one holds up no other.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, async socket => {
    try {
      join(socket, (await session.openStream()).toDuplex())
    } catch {
      socket.destroy()
    }
  })
  await once(server.listen(Number(port), '127.0.0.1'), 'listening')
  console.log(`forwarding 127.0.0.1:${(server.address() as AddressInfo).port}`)
  const { reason } = await session.closed
  console.log(`the other side is gone: ${reason}`)
  server.close()
  await node.close()
}
