// What people write instead, with nothing but Node: a folder as `tar` through node:tls, or one file that both ends hash.
// copy.mjs tar|hash receive INTO KEY CERTIFICATE prints its port; copy.mjs tar|hash send WHAT CERTIFICATE PORT.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connect, createServer } from 'node:tls'

const [kind, role, what, ...rest] = process.argv.slice(2)

const receive = {
  async tar(socket) {
    const tar = spawn('tar', ['x', '-C', what], { stdio: ['pipe', 'inherit', 'inherit'] })
    const closed = once(tar, 'close')
    await pipeline(socket, tar.stdin, { end: true })
    assert.deepEqual(await closed, [0, null])
  },
  async hash(socket) {
    const { hash, through } = hashed()
    await pipeline(socket, through, createWriteStream(join(what, 'file')), { end: true })
    socket.end(hash.digest())
  },
}

const send = {
  async tar(socket) {
    const tar = spawn('tar', ['c', '-C', dirname(what), basename(what)], { stdio: ['ignore', 'pipe', 'inherit'] })
    await pipeline(tar.stdout, socket)
  },
  async hash(socket) {
    const { hash, through } = hashed()
    const answer = once(socket, 'data')
    await pipeline(createReadStream(what, { highWaterMark: 262_144 }), through, socket)
    assert.deepEqual((await answer)[0], hash.digest())
  },
}

/** BLAKE2b-512 of what passes. */
function hashed() {
  const hash = createHash('blake2b512')
  const through = new Transform({
    transform(chunk, _, done) {
      hash.update(chunk)
      done(undefined, chunk)
    },
  })
  return { hash, through }
}

if (role === 'receive') {
  const [key, cert] = rest.map(path => readFileSync(path))
  const server = createServer({ key, cert, allowHalfOpen: true }, async socket => {
    await receive[kind](socket)
    socket.end()
    server.close()
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
} else {
  const [certificate, port] = rest
  const ca = readFileSync(certificate)
  const socket = connect({ host: '127.0.0.1', port: Number(port), ca, servername: 'localhost', allowHalfOpen: true })
  await once(socket, 'secureConnect')
  await send[kind](socket)
  socket.end()
}
