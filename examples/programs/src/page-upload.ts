// A page that uploads files over STT, and the server that has the page and takes them, on one port.
//
//   page-upload.ts 8080 uploads                  prints the page's address, with the seed behind its #
//
// What is behind # stays in the browser, which sends it to no server. Serve the page by https off this machine.
import { once } from 'node:events'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Seed, STTNode } from '@stt/node'
import { build } from 'esbuild'

const [port = '', folder = ''] = process.argv.slice(2)
const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')
await mkdir(folder, { recursive: true })

// Any bundler finds the page's build of @stt/node by itself; `conditions` are for this repository, where it is not built.
const entryPoints = [join(import.meta.dirname, 'page-upload.page.js')]
const conditions = ['@stt/source', 'browser']
const { outputFiles } = await build({
  entryPoints,
  conditions,
  bundle: true,
  format: 'esm',
  minify: true,
  write: false,
})
const PAGE =
  '<!doctype html><title>Upload</title><input type="file"><p></p><script type="module" src="/page.js"></script>'

const web = createServer(({ url }, response) => {
  response.setHeader('Content-Type', url === '/page.js' ? 'text/javascript' : 'text/html')
  response.end(url === '/page.js' ? outputFiles[0]!.text : PAGE)
})
const node = await STTNode.create({ seed, listen: ['ws://localhost/stt'], ws: { server: web } })
let uploads = 0
node.onSession(session =>
  session.onStream(async stream => {
    // A number in place of the page's own name for it: a name may lead out of the folder, or be there already.
    const path = join(folder, `${++uploads}.bin`)
    await writeFile(path, stream, { flag: 'wx' })
    await stream.write(Buffer.from(`${(await stat(path)).size} bytes are in ${path}`))
    await stream.end()
  }),
)
await once(web.listen(Number(port), '127.0.0.1'), 'listening')
console.log(`open http://127.0.0.1:${(web.address() as AddressInfo).port}/#${seed.toHex()}`)
