import { once } from 'node:events'
import SecretStream from '@hyperswarm/secret-stream'
import UDX, { type UdxSocket } from 'udx-native'
import { type ByteStream, dialedStream, serveStream } from './byte-stream.ts'
import type { Transport } from './protocol.ts'

/**
 * What Hyperswarm moves bytes over: udx, which is native code, and Noise with libsodium's secretstream on top. Whom to
 * connect to is arranged with a message each way, which stands for what its DHT does.
 */
export const udx: Transport = {
  async serve() {
    const udx = new UDX()
    const socket = udx.createSocket()
    socket.bind(0, '127.0.0.1')
    let lastId = 0
    socket.on('message', (message, { port, host }) => {
      if (message.length !== ID_LENGTH) return
      const stream = udx.createStream(++lastId)
      stream.connect(socket, message.readUInt32BE(), port, host)
      const secret = new SecretStream(false, stream)
      serveStream(secret)
      secret.on('end', () => secret.end())
      void socket.send(idMessage(lastId), port, host)
    })
    return { address: String(socket.address().port), close: () => socket.close() }
  },
  async dial(address) {
    const udx = new UDX()
    const socket = udx.createSocket()
    socket.bind(0, '127.0.0.1')
    let lastId = 0
    const open = async (): Promise<ByteStream> => {
      const stream = udx.createStream(++lastId)
      void socket.send(idMessage(lastId), Number(address), '127.0.0.1')
      stream.connect(socket, await answeredId(socket), Number(address), '127.0.0.1')
      const secret = new SecretStream(true, stream)
      await secret.opened
      return secret
    }
    return dialedStream(await open(), open)
  },
}

/** Late packets of streams that have ended come as messages as well. */
async function answeredId(socket: UdxSocket): Promise<number> {
  for (;;) {
    const [message] = (await once(socket, 'message')) as [Buffer]
    if (message.length === ID_LENGTH) return message.readUInt32BE()
  }
}

function idMessage(id: number): Buffer {
  const message = Buffer.alloc(ID_LENGTH)
  message.writeUInt32BE(id)
  return message
}

const ID_LENGTH = 4
