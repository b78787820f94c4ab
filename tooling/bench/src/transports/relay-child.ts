// One side of what is measured of a relay: the relay, or a process whose nodes listen there and count what comes.
import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { listenRelay } from '@stt/relay'
import { decodeMessage, encodeAccept, encodeListen, RELAY_SUBPROTOCOL } from '@stt/rendezvous'
import { dialWebSocket, listenWebSocket, type WebSocketLink } from '@stt/transport-ws'
import { openCircuit } from './relay-circuit.ts'

/** What the parent asks for, and is told. */
export type Request =
  | { readonly type: 'resident' }
  | { readonly type: 'listen'; readonly count: number }
  | { readonly type: 'expect'; readonly bytes: number }
  /** Read nothing of so many circuits that come next. */
  | { readonly type: 'ignore'; readonly circuits: number }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const [, , role, address = ''] = process.argv
const MANY = 1_000_000

if (role === 'relay') {
  const limits = { listenersPerAddress: MANY, listenersPerSecond: MANY, circuitsPerListener: MANY }
  const more = {
    circuitsPerAddress: MANY,
    dialsPerSecond: MANY,
    rate: 2 ** 32 - 1,
    burst: 2 ** 32 - 1,
    freeMebibytes: 0,
  }
  const relay = await listenRelay({ udpPorts: false, limits: { ...limits, ...more } })
  process.send!({ address: relay.url })
} else if (role === 'direct') {
  const listener = await listenWebSocket()
  listener.onLink = link => {
    link.confirm()
    count(link)
  }
  process.send!({ address: listener.address })
} else process.send!({ address })

let ignored = 0
let expected = 0
let received = 0

process.on('message', async (request: Request) => {
  if (request.type === 'resident') {
    for (let i = 0; i < 5; i++) {
      collect()
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    process.send!({ kibibytes: process.memoryUsage().rss / 1_024 })
  } else if (request.type === 'ignore') ignored = request.circuits
  else if (request.type === 'expect') {
    expected = request.bytes
    received = 0
  } else {
    const names: string[] = []
    for (let i = 0; i < request.count; i++) names.push(await listen())
    process.send!({ names })
  }
})
process.on('disconnect', () => process.exit())

/** Takes what comes over a link and says when all of it is there. */
function count(link: WebSocketLink): void {
  link.onPacket = packet => {
    received += packet.length
    if (received !== expected) return
    process.send!({ received })
  }
  link.resume()
}

/** A circuit that somebody dialed. */
function taken(link: WebSocketLink): void {
  if (ignored > 0) ignored--
  else count(link)
}

/** A node that listens at the relay. @returns its name there */
async function listen(): Promise<string> {
  const mailbox = randomBytes(32)
  const link = await dialWebSocket(address, { subprotocol: RELAY_SUBPROTOCOL })
  const greeted = new Promise<void>(resolve => {
    link.onPacket = bytes => {
      const message = decodeMessage(bytes)
      if (message.type === 'greeting') resolve()
      if (message.type === 'incoming') void openCircuit(address, encodeAccept(message.ticket)).then(taken)
    }
  })
  await greeted
  link.send(encodeListen([{ mailbox, token: randomBytes(16) }], () => new Uint8Array(0)))
  return mailbox.toString('hex')
}
