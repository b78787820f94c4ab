// Two machines in networks that cannot be reached from outside: they find each other at a relay by the seed alone, and go on
// directly where the two NATs allow it. No address is known to anybody, and no port was opened.
//
//   behind-two-nats.ts wait wss://relay.example
//   behind-two-nats.ts call wss://relay.example
import { Seed, type Session, type SessionPath, STTNode } from '@stt/node'

const [mode, ...relays] = process.argv.slice(2)
const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')
// Who reads what goes to a relay learns what the relay does. For one in the same house `ws://` will do.
const plainRelays = relays.some(url => url.startsWith('ws://'))

const shown = ({ relayed, kind }: SessionPath): string => (relayed ? 'by the relay' : `directly, over ${kind}`)

/** The session stays the same one, and loses nothing, when it goes another way. */
function follow(session: Session): void {
  if (session.path) console.log(`connected ${shown(session.path)}`)
  session.onPath(({ to }) => console.log(`now ${shown(to)}`))
}

if (mode === 'wait') {
  const node = await STTNode.create({ seed, relays, plainRelays })
  for (const { url, state, problem } of node.relays) console.log(`${url} ${state} ${problem ?? ''}`)
  node.onSession(session => {
    follow(session)
    session.onStream(async stream => {
      for await (const message of stream.messages()) await stream.writeMessage(message)
      await stream.end()
    })
  })
} else {
  // `listen: []`: it dials, and says at no relay that it is there.
  const node = await STTNode.create({ seed, relays, plainRelays, listen: [] })
  const session = await node.connect({ signal: AbortSignal.timeout(30_000) })
  follow(session)
  const stream = await session.openStream()
  const answers = stream.messages()[Symbol.asyncIterator]()
  for await (const line of process.stdin.setEncoding('utf8')) {
    await stream.writeMessage(Buffer.from(line))
    const { value } = await answers.next()
    process.stdout.write(`the other side: ${Buffer.from(value!)}`)
  }
  await stream.end()
  await node.close()
}
