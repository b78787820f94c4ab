// A program as a user writes it, with no loader and no build: dials, sends 32 bytes, waits for the answer, ends.
import { once } from 'node:events'

const [program, address] = process.argv.slice(2)

const programs = {
  async stt() {
    const { Seed, STTNode } = await import('@stt/node')
    const imported = performance.now()
    const node = await STTNode.create({ seed: Seed.fromBytes(new Uint8Array(32).map((_, i) => i + 1)) })
    const session = await node.connect(address)
    const connected = performance.now()
    const stream = await session.openStream()
    await stream.write(request())
    await stream.write(new Uint8Array(32))
    for await (const _ of stream) break
    const echoed = performance.now()
    await node.close()
    return { imported, connected: connected - imported, echoed: echoed - connected }
  },
  async tls() {
    const { connect } = await import('node:tls')
    const imported = performance.now()
    const [port, certificate] = address.split(':')
    const ca = Buffer.from(certificate, 'base64url').toString()
    const socket = connect({ host: '127.0.0.1', port: Number(port), servername: 'localhost', ca })
    await once(socket, 'secureConnect')
    socket.setNoDelay(true)
    const connected = performance.now()
    socket.write(request())
    await once(socket, 'data')
    const echoed = performance.now()
    socket.end()
    return { imported, connected: connected - imported, echoed: echoed - connected }
  },
}

/** What `transports/protocol.ts` calls a ping: its kind, and an amount of zero. */
function request() {
  return Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0)
}

console.log(JSON.stringify(await programs[program]()))
