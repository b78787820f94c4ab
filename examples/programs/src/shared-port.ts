// One port for a web site and for STT: the HTTP server lends a path of its own.
//
//   shared-port.ts serve 8080                    then http://localhost:8080/ in a browser, and
//   shared-port.ts dial ws://localhost:8080/stt
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Seed, STTNode } from '@stt/node'

const [mode, target = ''] = process.argv.slice(2)
const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')

if (mode === 'serve') {
  let asked = 0
  // With Express it is `createServer(app)`, and with Fastify `fastify.server`.
  const web = createServer((_request, response) => response.end(`asked ${asked} times over STT\n`))
  // Behind `https.createServer`, or a proxy that ends TLS, the same path is `wss://…/stt`.
  const node = await STTNode.create({ seed, listen: ['ws://localhost/stt'], ws: { server: web } })
  node.onSession(session =>
    session.onStream(async stream => {
      asked += 1
      await stream.write(Buffer.from(`you are number ${asked}`))
      await stream.end()
    }),
  )
  await once(web.listen(Number(target), '127.0.0.1'), 'listening')
  console.log(`listening on ${node.addresses.join(' ')}`)
} else {
  const node = await STTNode.create({ seed })
  const session = await node.connect(target)
  const stream = await session.openStream()
  await stream.end()
  console.log(String(Buffer.from(await stream.readAll({ maxBytes: 1_000 }))))
  await node.close()
}
