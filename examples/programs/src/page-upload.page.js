// The page of page-upload.ts: each file that is chosen goes over a stream of one session.
import { Seed, STTNode } from '@stt/node'

const node = await STTNode.create({ seed: Seed.fromHex(location.hash.slice(1)) })
const session = await node.connect(`${location.origin.replace('http', 'ws')}/stt`)
const input = document.querySelector('input')
const status = document.querySelector('p')

input.onchange = async () => {
  for (const file of input.files ?? []) {
    const stream = await session.openStream()
    let sent = 0
    // The file is never in memory as a whole: what flow control does not take yet is not read.
    for await (const chunk of file.stream()) {
      await stream.write(chunk)
      sent += chunk.length
      status.textContent = `${Math.floor((100 * sent) / file.size)} %`
    }
    await stream.end()
    status.textContent = new TextDecoder().decode(await stream.readAll({ maxBytes: 1_000 }))
  }
}
status.textContent = 'ready'
