// A chat of two people: what one types, the other reads.
//
//   chat.ts listen ws://0.0.0.0:4400
//   chat.ts dial ws://that-machine:4400
import { createInterface } from 'node:readline'
import { Seed, type Session, STTNode } from '@stt/node'

const [mode, ...addresses] = process.argv.slice(2)
const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')

/** The same at both ends: lines go out by a stream of one's own, and come in by the peer's. */
async function talk(session: Session): Promise<void> {
  // Without waiting: the peer may have nothing to say for long.
  session.onStream(async stream => {
    for await (const message of stream.messages()) console.log(`> ${printable(message)}`)
    console.log('they have left')
  })
  const mine = await session.openSendStream()
  for await (const line of createInterface({ input: process.stdin }))
    await mine.writeMessage(new TextEncoder().encode(line))
  await mine.end()
  // So that the last line is there before the session ends.
  await mine.delivered
}

/** A peer's text must not move the cursor, or change the title, of this terminal. */
const printable = (message: Uint8Array): string => new TextDecoder().decode(message).replace(/\p{Cc}/gu, '')

if (mode === 'listen') {
  const node = await STTNode.create({ seed, listen: addresses })
  console.log(`listening on ${node.addresses.join(' ')}`)
  for await (const session of node.sessions()) {
    console.log('somebody is here')
    await Promise.race([talk(session), session.closed])
    break
  }
  await node.close()
} else {
  const node = await STTNode.create({ seed })
  await talk(await node.connect(addresses))
  await node.close()
}
