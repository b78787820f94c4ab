import { Chamber, MemoryStore } from '@stt/chamber'
import { expect, test } from 'vitest'
import { hashing } from '../page/hashing.ts'
import { Inbox } from '../page/inbox.ts'

const SENDER = new Uint8Array(32).fill(1)
const BYTES = new Uint8Array(3 * 1_048_576).map((_, i) => i >>> 12)
const FILE = { path: 'a/file', size: BYTES.length, mode: 0, modified: 0 }

async function openInbox() {
  const vault = await Chamber.open({ store: new MemoryStore(), id: 'drop', key: new Uint8Array(32).fill(1) })
  return { vault, inbox: new Inbox(vault) }
}

async function contentOf(inbox: Inbox): Promise<Buffer> {
  const [file] = await inbox.list()
  const pieces: Uint8Array[] = []
  for await (const piece of inbox.read(file!)) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('a file that is coming is not among those that are not complete, and clearing these away leaves it', async () => {
  const { inbox } = await openInbox()
  const [first, second] = [inbox.target(SENDER), inbox.target(new Uint8Array(32).fill(2))]
  const incoming = await first.announce(FILE, new AbortController().signal)
  await incoming.start(0)
  await incoming.write(BYTES.subarray(0, 2_500_000))
  const left = await second.announce(FILE, new AbortController().signal)
  await left.start(0)
  await left.write(BYTES.subarray(0, 1_500_000))
  expect(await inbox.unfinished()).toBe(0)
  await left.close()
  expect(await inbox.unfinished()).toBe(1_048_576)
  await inbox.clear()
  expect(await inbox.unfinished()).toBe(0)
  await incoming.write(BYTES.subarray(2_500_000))
  expect(await incoming.end(hashing.of(BYTES))).toBe('received')
  await incoming.close()
  expect((await contentOf(inbox)).equals(BYTES)).toBe(true)
})

test('a file of which a piece is missing is not read as if it were whole', async () => {
  const { vault, inbox } = await openInbox()
  const bytes = BYTES.slice(0, 60_000)
  await inbox.target(SENDER).takeWhole({ path: 'b', mode: 0, modified: 0, bytes, hash: hashing.of(bytes) })
  expect((await contentOf(inbox)).equals(bytes)).toBe(true)
  for (const key of await vault.list({ prefix: 'piece/' })) await vault.delete(key)
  await expect(contentOf(inbox)).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
})
