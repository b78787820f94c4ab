// Sends words to an echo server, one message each, and prints the messages that come back.
//
//   echo-client.ts ws://127.0.0.1:4400 good day
import { Seed, STTNode } from '@stt/node'

const [address = '', ...words] = process.argv.slice(2)
const node = await STTNode.create({ seed: Seed.fromHex(process.env['STT_SEED'] ?? '') })
const session = await node.connect(address)
const stream = await session.openStream()

for (const word of words) await stream.writeMessage(new TextEncoder().encode(word))
await stream.end()
for await (const message of stream.messages()) console.log(new TextDecoder().decode(message))
await node.close()
