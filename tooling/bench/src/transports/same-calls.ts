import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { decodeRequest, encodeRequest, REQUEST_SIZE, RequestKind, type Transport } from './protocol.ts'
import { RECORD_PLAINTEXT, Records } from './records.ts'
import { computeExchange, LENGTHS, SameInitiator, SameResponder } from './same-handshake.ts'

// The limit that Node sets: what STT asks of Node and of its primitives, in the same number, order and size (counted with
// strace, and with a provider that counts), and nothing else of a transport.

/** Over a socket that `node:http` upgraded, as a WebSocket is, in records of the size of STT's packets. */
export const sameCallsOverWebSocket: Transport = {
  async serve() {
    const server = createServer()
    server.on('upgrade', (_, stream) => {
      stream.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
      void accept(new Records(stream))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      address: String((server.address() as AddressInfo).port),
      close: () => new Promise(resolve => server.close(() => resolve())),
    }
  },
  async dial(address) {
    const records = await opened(address)
    return {
      async upload(bytes) {
        records.seal(encodeRequest(RequestKind.upload, bytes))
        const finished = new Promise<void>(resolve => {
          records.onRecord = record => {
            if (records.open(record).length === FINISHED.length) resolve()
          }
        })
        await send(records, bytes)
        await finished
      },
      async download(bytes) {
        records.seal(encodeRequest(RequestKind.download, bytes))
        await new Promise<void>(resolve => receive(records, bytes, resolve))
      },
      async ping() {
        records.seal(PING)
        records.open(await records.next())
      },
      async connection() {
        const another = await opened(address)
        const answered = another.next()
        another.write(LENGTHS.packet)
        await answered
        computeExchange()
        another.stream.end()
        await once(another.stream, 'close')
      },
      idle: () => Promise.reject(new Error('an idle connection makes no calls')),
      close: async () => void records.stream.destroy(),
    }
  },
}

/** Connections over UDP, and those alone: what moves bytes there with the same calls is dgram.ts. */
export const sameCallsOverUdp: Transport = {
  async serve() {
    const socket = createSocket('udp4')
    const responders = new Map<number, SameResponder>()
    socket.on('message', ({ length }, { port, address }) => {
      const reply = (bytes: number): void => socket.send(new Uint8Array(bytes), port, address)
      const responder = responders.get(port)
      if (responder === undefined) {
        responders.set(port, new SameResponder())
        reply(LENGTHS.response)
      } else if (length === SECOND_PART) {
        responder.onProof()
        reply(LENGTHS.final)
      } else if (length < DATAGRAM) {
        computeExchange()
        reply(LENGTHS.packet)
        if (length === LAST) responders.delete(port)
      }
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return { address: String(socket.address().port), close: async () => void socket.close() }
  },
  async dial(address) {
    const elsewhere = () => Promise.reject(new Error('dgram.ts measures that'))
    return {
      ...{ upload: elsewhere, download: elsewhere, ping: elsewhere, idle: elsewhere },
      connection: () => datagramConnection(Number(address)),
      close: async () => {},
    }
  },
}

/** A client pads what it begins with; a proof is longer than a datagram may be. */
const DATAGRAM = 1_200
const SECOND_PART = 361
const LAST = LENGTHS.packet + 1

async function datagramConnection(port: number): Promise<void> {
  // Which address leads there, from which the other socket is then bound.
  const probe = createSocket('udp4')
  probe.connect(port, '127.0.0.1')
  await once(probe, 'connect')
  const { address } = probe.address()
  probe.close()
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 * 1_048_576, sendBufferSize: 8 * 1_048_576 })
  socket.bind(0, address)
  await once(socket, 'listening')
  const say = async (...lengths: readonly number[]): Promise<void> => {
    const answered = once(socket, 'message')
    for (const length of lengths) socket.send(new Uint8Array(length), port, '127.0.0.1')
    await answered
  }
  const initiator = new SameInitiator()
  await say(DATAGRAM)
  initiator.onResponse()
  await say(DATAGRAM, SECOND_PART)
  initiator.onFinal()
  for (const length of [LENGTHS.packet, LAST]) {
    await say(length)
    computeExchange()
  }
  socket.close()
  await once(socket, 'close')
}

async function opened(address: string): Promise<Records> {
  const asked = request({
    ...{ host: '127.0.0.1', port: address, headers: { Connection: 'Upgrade', Upgrade: 'websocket' } },
    agent: false,
  })
  asked.end()
  const [, stream] = (await once(asked, 'upgrade')) as [unknown, Duplex]
  const records = new Records(stream)
  const ask = (length: number): Promise<unknown> => {
    const answered = records.next()
    records.write(length)
    return answered
  }
  const initiator = new SameInitiator()
  await ask(LENGTHS.hello)
  initiator.onResponse()
  await ask(LENGTHS.proof)
  initiator.onFinal()
  await ask(LENGTHS.packet)
  computeExchange()
  return records
}

/** The other end of `opened`, and then what a client asks for. */
async function accept(records: Records): Promise<void> {
  await records.next()
  const responder = new SameResponder()
  records.write(LENGTHS.response)
  await records.next()
  responder.onProof()
  records.write(LENGTHS.final)
  await records.next()
  computeExchange()
  records.write(LENGTHS.packet)
  records.onRecord = record => {
    // Nothing that is sealed has the length of a packet that closes.
    if (record.length !== LENGTHS.packet) return serve(records, records.open(record))
    computeExchange()
    records.write(LENGTHS.packet)
    records.stream.end()
  }
}

function serve(records: Records, asked: Uint8Array): void {
  if (asked.length !== REQUEST_SIZE) return void records.seal(asked)
  const { kind, amount } = decodeRequest(asked)
  if (kind === RequestKind.download) return void send(records, amount)
  const before = records.onRecord
  receive(records, amount, () => {
    records.onRecord = before
    records.seal(FINISHED)
  })
}

const PING = new Uint8Array(32)
const FINISHED = new Uint8Array(33)
const ACKNOWLEDGEMENT = new Uint8Array(30)
const ACKNOWLEDGE_EVERY = 9

async function send(records: Records, bytes: number): Promise<void> {
  const block = new Uint8Array(RECORD_PLAINTEXT)
  for (let left = bytes; left > 0; left -= block.length) {
    if (!records.seal(block.subarray(0, left))) await records.drained()
  }
}

function receive(records: Records, bytes: number, finished: () => void): void {
  let left = bytes
  let unacknowledged = 0
  records.onRecord = record => {
    left -= records.open(record).length
    if (left <= 0) return finished()
    if (++unacknowledged < ACKNOWLEDGE_EVERY) return
    unacknowledged = 0
    records.seal(ACKNOWLEDGEMENT)
  }
}
