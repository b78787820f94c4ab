// A pipe from one machine to another, compressed on the way: `node:stream` does all of it.
//
//   gzip-pipe.ts receive ws://0.0.0.0:4400 > dump.sql
//   pg_dump shop | gzip-pipe.ts send ws://that-machine:4400
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Seed, STTNode } from '@stt/node'

const [mode, ...addresses] = process.argv.slice(2)
const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')

if (mode === 'receive') {
  const node = await STTNode.create({ seed, listen: addresses })
  console.error(`listening on ${node.addresses.join(' ')}`) // Standard output is for what is sent.
  for await (const session of node.sessions()) {
    for await (const stream of session.streams()) {
      // A reader that is slow here slows the writer there. A session that is cut is an error, never a short file.
      await pipeline(stream.toDuplex(), createGunzip(), process.stdout)
      break
    }
    await session.closed // The sender knows then that all of it was read.
    break
  }
  await node.close()
} else {
  const node = await STTNode.create({ seed })
  const stream = await (await node.connect(addresses)).openSendStream()
  await pipeline(process.stdin, createGzip(), stream.toDuplex())
  await stream.delivered
  await node.close()
}
