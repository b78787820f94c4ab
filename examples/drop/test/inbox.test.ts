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
  const [first, second] = [inbox.target(SENDER, () => {}), inbox.target(new Uint8Array(32).fill(2), () => {})]
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
  await inbox.target(SENDER, () => {}).takeWhole({ path: 'b', mode: 0, modified: 0, bytes, hash: hashing.of(bytes) })
  expect((await contentOf(inbox)).equals(bytes)).toBe(true)
  for (const key of await vault.list({ prefix: 'piece/' })) await vault.delete(key)
  await expect(contentOf(inbox)).rejects.toMatchObject({ code: 'STT_CHAMBER_CORRUPT' })
})

test('a file that a later session of its sender brings is taken from the earlier one, which is ended, and comes whole', async () => {
  const { inbox } = await openInbox()
  let ended = 0
  const [first, second] = [inbox.target(SENDER, () => ended++), inbox.target(SENDER, () => {})]
  const signal = new AbortController().signal
  const dead = await first.announce(FILE, signal)
  await dead.start(0)
  const writing = dead.write(BYTES.subarray(0, 1_500_000))
  // What is being written is waited for, and gone on from.
  const alive = await second.announce(FILE, signal)
  await writing
  expect([ended, alive.offset]).toEqual([1, 1_048_576])
  await alive.start(alive.offset)
  const later = 'a later session of the same sender brings it'
  expect(() => dead.write(BYTES.subarray(1_500_000))).toThrow(later)
  await alive.write(BYTES.subarray(alive.offset))
  await expect(Promise.resolve(dead.end(hashing.of(BYTES)))).rejects.toThrow(later)
  await dead.close()
  expect(await alive.end(hashing.of(BYTES))).toBe('received')
  await alive.close()
  expect((await contentOf(inbox)).equals(BYTES)).toBe(true)
})

test('of two sessions that announce a file in one moment the later one has it; within one session it is refused', async () => {
  const { inbox } = await openInbox()
  let ended = 0
  const [first, second] = [inbox.target(SENDER, () => ended++), inbox.target(SENDER, () => {})]
  const signal = new AbortController().signal
  const [one, other] = await Promise.all([first.announce(FILE, signal), second.announce(FILE, signal)])
  expect(ended).toBe(1)
  expect(() => one.start(0)).toThrow('a later session of the same sender brings it')
  await other.start(0)
  await expect(second.announce(FILE, signal)).rejects.toThrow('it is being sent already')
  expect(await inbox.unfinished()).toBe(0)
})

test('a file that became whole in the earlier session is there for the later one', async () => {
  const { inbox } = await openInbox()
  const [first, second] = [inbox.target(SENDER, () => {}), inbox.target(SENDER, () => {})]
  const signal = new AbortController().signal
  const one = await first.announce(FILE, signal)
  await one.start(0)
  await one.write(BYTES)
  const [outcome, other] = await Promise.all([one.end(hashing.of(BYTES)), second.announce(FILE, signal)])
  expect([outcome, other.isThere, other.offset]).toEqual(['received', true, BYTES.length])
})
