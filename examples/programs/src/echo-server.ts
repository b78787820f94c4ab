// Sends every message back to its sender. This and the echo client are the smallest two programs: start here.
//
//   echo-server.ts ws://127.0.0.1:4400
import { Seed, STTNode } from '@stt/node'

const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')
const node = await STTNode.create({ seed, listen: process.argv.slice(2) })
console.log(`listening on ${node.addresses.join(' ')}`)
process.once('SIGINT', () => node.close())

for await (const session of node.sessions()) {
  session.onStream(async stream => {
    for await (const message of stream.messages()) await stream.writeMessage(message)
    await stream.end()
  })
}
