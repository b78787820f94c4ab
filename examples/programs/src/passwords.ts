// A password store in a folder, and a copy of it on another machine, which cannot read it.
//
//   passwords.ts set secrets mail                the password comes from standard input
//   passwords.ts get secrets mail
//   passwords.ts keep copies ws://0.0.0.0:4400   on the other machine, which has the seed and not the passphrase
//   passwords.ts backup secrets ws://that-machine:4400
//
// A copy that is brought back is a store: `passwords.ts get copies mail`.
import { Chamber, FilesystemStore } from '@stt/chamber'
import { Seed, type Session, STTNode, type Stream } from '@stt/node'

const [verb, path = '', ...words] = process.argv.slice(2)
const store = new FilesystemStore(path)
const seed = (): Seed => Seed.fromHex(process.env['STT_SEED'] ?? '')
const open = (): Promise<Chamber> =>
  Chamber.open({ store, id: 'passwords', passphrase: process.env['STT_PASSPHRASE'] ?? '' })

/** Each request is a name, filled up to 256 bytes, and a file behind it; without a name it asks which names are there. */
async function ask(session: Session, name: string, file?: AsyncIterable<Uint8Array>): Promise<string> {
  const stream = await session.openStream()
  await stream.write(Buffer.from(name.padEnd(256)))
  for await (const piece of file ?? []) await stream.write(piece)
  await stream.end()
  return String(Buffer.from(await stream.readAll({ maxBytes: 16 << 20 })))
}

/** Sealed files, each written once under a name that it keeps: what the other side has by name, it has as it is. */
async function backup(session: Session): Promise<void> {
  const there = new Set((await ask(session, '')).split('\n'))
  for await (const name of store.list('')) {
    const file = there.has(name) ? undefined : await store.get(name)
    if (file) console.log(`${name}: ${await ask(session, name, file)}`)
  }
}

async function keep(stream: Stream): Promise<void> {
  const name = String(Buffer.from(await stream.readExactly(256))).trimEnd()
  const names: string[] = []
  // The store refuses names that are none of its own, and never replaces a file.
  if (name !== '') await store.putIfAbsent(name, stream, { durable: true })
  else for await (const each of store.list('')) names.push(each)
  await stream.write(Buffer.from(name !== '' ? 'kept' : names.join('\n')))
  await stream.end()
}

if (verb === 'keep') {
  const node = await STTNode.create({ seed: seed(), listen: words })
  console.log(`listening on ${node.addresses.join(' ')}`)
  node.onSession(session => session.onStream(keep))
} else {
  const [name = ''] = words
  const chamber = await open()
  if (verb === 'set') {
    let password = ''
    for await (const text of process.stdin.setEncoding('utf8')) password += text
    await chamber.store(name, Buffer.from(password.trimEnd()))
  } else if (verb === 'get') {
    const password = await chamber.retrieve(name)
    console.log(password ? String(Buffer.from(password)) : `there is no ${name}`)
  } else {
    // While the chamber is open here no other program writes to it, so the copy is of one moment.
    const node = await STTNode.create({ seed: seed() })
    await backup(await node.connect(words))
    await node.close()
  }
  await chamber.close()
}
