// Makes a folder on another machine like the one here: what is missing or different there is sent, and nothing else.
//
//   folder-sync.ts receive copy udp://0.0.0.0:4400 ws://0.0.0.0:4400
//   folder-sync.ts send photos udp://that-machine:4400 ws://that-machine:4400
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Seed, type Session, STTNode, type Stream } from '@stt/node'

const [mode, root = '', ...addresses] = process.argv.slice(2)
const seed = Seed.fromHex(process.env['STT_SEED'] ?? '')
const folder = resolve(root)

/** By path from the folder, with `/` between its parts: the hash of what is in the file. */
async function hashes(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue // Links are not followed, as they may lead out of the folder.
    const path = join(entry.parentPath, entry.name)
    const hash = createHash('blake2b512')
    await pipeline(createReadStream(path), hash)
    found[path.slice(folder.length + 1).replaceAll(sep, '/')] = hash.digest('hex')
  }
  return found
}

/** A request is a path, with its length before it, and the file; without a path it asks what is there. */
async function ask(session: Session, name: string): Promise<string> {
  const stream = await session.openStream()
  const header = Buffer.from(`00${name}`)
  header.writeUInt16BE(header.length - 2)
  await stream.write(header)
  if (name !== '') for await (const chunk of createReadStream(join(folder, name))) await stream.write(chunk)
  await stream.end()
  return String(Buffer.from(await stream.readAll({ maxBytes: 64 << 20 })))
}

async function send(session: Session): Promise<void> {
  const there = JSON.parse(await ask(session, ''))
  for (const [name, hash] of Object.entries(await hashes())) {
    if (there[name] !== hash) console.log(`${name}: ${await ask(session, name)}`)
  }
}

async function answer(stream: Stream): Promise<void> {
  const length = Buffer.from(await stream.readExactly(2)).readUInt16BE()
  const name = String(Buffer.from(await stream.readExactly(length)))
  const path = resolve(folder, name)
  // The peer chose the name: `../../.ssh/authorized_keys` is one too.
  if (!`${path}${sep}`.startsWith(folder + sep)) throw new Error(`${name} is outside of the folder`)
  if (name !== '') {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.part`, stream)
    await rename(`${path}.part`, path) // Readers see the old file or the new one, never half of it.
  }
  await stream.write(Buffer.from(name === '' ? JSON.stringify(await hashes()) : 'there'))
  await stream.end()
}

if (mode === 'receive') {
  await mkdir(folder, { recursive: true })
  const node = await STTNode.create({ seed, listen: addresses })
  console.log(`listening on ${node.addresses.join(' ')}`)
  node.onSession(session => session.onStream(answer))
} else {
  const node = await STTNode.create({ seed })
  await send(await node.connect(addresses))
  await node.close()
}
