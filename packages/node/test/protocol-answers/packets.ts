import { cke } from '@stt/crypto'
import type { Link } from '@stt/frame'
import { SessionEngine } from '@stt/session'
import { StreamManager } from '@stt/stream'
import { LIMITS, type Run } from './handshake.ts'
import { type Answers, utf8 } from './inputs.ts'

export function packets({ initiator }: Run): Answers {
  const { send, receive, exporter } = initiator.secrets
  const empty = new Uint8Array(0)
  const streams = new StreamManager({ role: 'initiator', local: LIMITS, peer: LIMITS })
  const session = new SessionEngine({
    role: 'initiator',
    id: initiator.sessionId,
    localCid: initiator.localCid,
    remoteCid: initiator.remoteCid,
    peerId: initiator.peerId,
    // The session wipes what it is given.
    secrets: { send: send.slice(), receive: receive.slice(), exporter: exporter.slice() },
    localLimits: LIMITS,
    peerLimits: LIMITS,
    source: streams,
    now: 0,
  })
  const stream = streams.open()!
  stream.write(utf8('stt'))
  stream.end()
  session.attach({
    lossy: false,
    ordered: true,
    maxPacketSize: 65_535,
    remote: 'memory://',
    createRecovery: () => undefined,
  } as unknown as Link)
  const output = session.poll(0)
  if (output.type !== 'transmit') throw new Error(`the session was to send its first packet, not ${output.type}`)
  return {
    section: '4',
    values: [
      ['ts.0, i2r', send],
      ['key.0', cke.derive(send, 'key', empty, 32)],
      ['iv.0', cke.derive(send, 'iv', empty, 12)],
      ['ts.1', cke.derive(send, 'ku', empty, 32)],
      ['frames', 'HANDSHAKE_DONE, then STREAM of stream 0 with "stt" and FIN'],
      ['sealed as', 'number 0, for the connection id d0…d7'],
      ['packet', output.packet.slice()],
    ],
  }
}
