import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  encodeMessage,
  type Message,
  MessageReader,
  type ReceiveEvents,
  Refusal,
  receiveTransfer,
  type SenderMessage,
  TransferError,
  TransferProtocolError,
} from '@stt/transfer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/stt.ts'
import { FolderTarget, type FolderTargetOptions } from './folder-target.ts'
import { FileHash } from './hash.ts'
import { TargetFolder } from './target-folder.ts'

const hashOf = (bytes: Uint8Array): Uint8Array => {
  const hash = new FileHash()
  hash.update(bytes)
  return hash.value
}

/** Receives from a sender that ignores all answers. */
async function receiveFrom(
  root: string,
  messages: readonly SenderMessage[],
  folder: TargetFolder = new TargetFolder(root, false),
  others: Partial<FolderTargetOptions & { readonly signal: AbortSignal; readonly events: ReceiveEvents }> = {},
): Promise<{ answers: Message[]; error: unknown }> {
  const answers: Message[] = []
  const reader = new MessageReader()
  const stream = {
    async write(bytes: Uint8Array) {
      answers.push(...reader.read(bytes))
    },
    async *[Symbol.asyncIterator]() {
      for (const each of messages) yield encodeMessage(each)
    },
  }
  const nothing = (): void => {}
  const error = await receiveTransfer(stream as Parameters<typeof receiveTransfer>[0], {
    target: new FolderTarget({ folder, sender: new Uint8Array(32), writers: new Map(), supersede: nothing, ...others }),
    signal: others.signal ?? new AbortController().signal,
    events: { onBegin: nothing, onFile: nothing, onProgress: nothing, onReceived: nothing, ...others.events },
  }).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return { answers, error }
}

const begin: SenderMessage = { type: 'begin', version: 1, files: 1, bytes: 1 }
const fileOf = (path: string, bytes: Uint8Array, id: number): SenderMessage[] => [
  { type: 'file', path, size: bytes.length, mode: 0o4777, modified: 0 },
  { type: 'from', id, offset: 0 },
  { type: 'data', bytes },
  { type: 'end', id, hash: hashOf(bytes) },
]

const wholeOf = (path: string, bytes: Uint8Array): SenderMessage => ({
  type: 'whole',
  path,
  mode: 0o4777,
  modified: 0,
  hash: hashOf(bytes),
  bytes,
})

test('for all messages of a sender, no file outside of the folder changes and none in it is replaced', async () => {
  const names = ['..', '.', '', 'a', 'b', 'link', 'kept', 'dangling', 'C:', '\\', '/etc', 'a\0']
  const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'))
  const id = fc.nat(3)
  const saying: fc.Arbitrary<SenderMessage> = fc.oneof(
    fc.record({ type: fc.constant('folder' as const), path, mode: fc.nat(0o7777), modified: fc.nat() }),
    fc.record({ type: fc.constant('file' as const), path, size: fc.nat(8), mode: fc.nat(0o7777), modified: fc.nat() }),
    fc.tuple(path, fc.uint8Array({ maxLength: 9 })).map(([where, bytes]) => wholeOf(where, bytes)),
    fc.record({ type: fc.constant('from' as const), id, offset: fc.nat(2) }),
    fc.record({ type: fc.constant('data' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
    fc.record({ type: fc.constant('hole' as const), length: fc.nat(8) }),
    fc.record({ type: fc.constant('end' as const), id, hash: fc.constant(hashOf(new Uint8Array(0))) }),
  )
  const script = fc.oneof(
    fc.array(saying, { maxLength: 12 }),
    fc.tuple(path, fc.uint8Array({ minLength: 1, maxLength: 9 })).map(([where, bytes]) => fileOf(where, bytes, 0)),
  )
  await fc.assert(
    fc.asyncProperty(script, async messages => {
      const outside = temporaryFolder()
      const root = join(outside, 'root')
      mkdirSync(root)
      mkdirSync(join(outside, 'beside'))
      writeFileSync(join(root, 'kept'), 'kept')
      symlinkSync(join(outside, 'beside'), join(root, 'link'))
      symlinkSync(join(outside, 'nothing'), join(root, 'dangling'))
      const { error } = await receiveFrom(root, [begin, ...messages, { type: 'all' }])
      expect(readdirSync(outside, { recursive: true }).filter(name => !String(name).startsWith('root/')).sort()).toEqual(['beside', 'root']) // biome-ignore format: one line
      expect(readFileSync(join(root, 'kept'), 'utf8')).toBe('kept')
      if (error instanceof TransferError) expect(error.message).toContain('left before everything was there')
      else if (error !== undefined) expect(error).toBeInstanceOf(TransferProtocolError)
    }),
    { numRuns: 150 },
  )
})

/** One that goes to the disk in one go, and one that has a part. */
const SIZES = [3, 90_000]

test.each(SIZES)(
  'a wrong hash leaves no file behind, and no mode of the sender gives rights that only root gives (%i bytes)',
  async size => {
    // biome-ignore format: one line
    const root = temporaryFolder()
    const bytes = new Uint8Array(size).fill(7)
    const lie = fileOf('lie', bytes, 0).map(each =>
      each.type === 'end' ? { ...each, hash: new Uint8Array(32) } : each,
    )
    const { answers, error } = await receiveFrom(root, [begin, ...lie, ...fileOf('true', bytes, 1), { type: 'all' }])
    expect(error).toBeUndefined()
    expect(answers.map(({ type }) => type)).toEqual(['ready', 'want', 'refused', 'want', 'done', 'finished'])
    expect(readdirSync(root)).toEqual(['true'])
    expect(statSync(join(root, 'true')).mode & 0o7777).toBe(0o777)
  },
)

const folderOf = (path: string, mode: number, modified = 1_000_000_000_000): SenderMessage => ({
  type: 'folder',
  path,
  mode,
  modified,
})
const modeOf = (root: string, path: string): string => (statSync(join(root, path)).mode & 0o7777).toString(8)

test('a folder that was there before gets no right that it has not, and one that is made has the mode of the sender', async () => {
  const root = temporaryFolder()
  const before = [['private', 0o700, 0o777], ['open', 0o755, 0o750], ['sticky', 0o1777, 0o777], ['closed', 0o500, 0o700]] as const // biome-ignore format: one line
  for (const [path, mode] of before) {
    mkdirSync(join(root, path))
    chmodSync(join(root, path), mode)
  }
  const messages = [
    begin,
    ...before.map(([path, , mode]) => folderOf(path, mode)),
    folderOf('private/new', 0o777),
    // Made for the file, before there is a word about its mode.
    wholeOf('late/file', Uint8Array.of(1)),
    folderOf('late', 0o4070),
    { type: 'all' } as const,
  ]
  const { error } = await receiveFrom(root, messages)
  expect(error).toBeUndefined()
  const modes = [...before.map(([path]) => path), 'private/new', 'late'].map(path => `${path} ${modeOf(root, path)}`)
  expect(modes).toEqual(['private 700', 'open 750', 'sticky 1777', 'closed 500', 'private/new 777', 'late 770'])
  for (const path of ['private', 'late']) expect(statSync(join(root, path)).mtimeMs).toBe(1_000_000_000_000)
})

test('a folder that a killed run made has its mode and time when the next one is over', async () => {
  const root = temporaryFolder()
  const cut = [begin, folderOf('tree', 0o777), folderOf('tree/secret', 0o700)]
  const { error } = await receiveFrom(root, cut)
  expect(error).toMatchObject({ message: expect.stringContaining('left before everything was there') })
  expect(await receiveFrom(root, [...cut, { type: 'all' }])).toMatchObject({ error: undefined })
  expect([modeOf(root, 'tree'), modeOf(root, 'tree/secret')]).toEqual(['777', '700'])
  expect(statSync(join(root, 'tree')).mtimeMs).toBe(1_000_000_000_000)
})

/** In which a folder goes away when it was looked at so often. */
class VanishingFolder extends TargetFolder {
  constructor(
    root: string,
    public looks: number,
  ) {
    super(root, false)
  }

  override look(path: string): Stats | undefined {
    const found = super.look(path)
    if (path.endsWith('/gone') && --this.looks === 0) rmdirSync(path)
    return found
  }
}

test.each([
  ['mode', 1],
  ['time', 2],
])('a folder whose %s cannot be set is told of, and the transfer goes on', async (what, looks) => {
  const root = temporaryFolder()
  const told: unknown[] = []
  const messages = [
    begin,
    folderOf('gone', 0o711),
    folderOf('stays', 0o711),
    wholeOf('file', Uint8Array.of(1)),
    { type: 'all' } as const,
  ]
  const nothing = (): void => {}
  const { answers, error } = await receiveFrom(root, messages, new VanishingFolder(root, looks), {
    events: { onBegin: nothing, onProgress: nothing, onReceived: nothing, onFile: (...all) => void told.push(all) },
  })
  expect([error, answers.map(({ type }) => type)]).toEqual([undefined, ['ready', 'done', 'finished']])
  expect(told).toContainEqual(['gone', 0, 'refused', `its ${what} was not set: no such file or directory`])
  expect(told).toHaveLength(2)
  expect([modeOf(root, 'stays'), statSync(join(root, 'stays')).mtimeMs]).toEqual(['711', 1_000_000_000_000])
})

test('folders are remembered up to a number of characters, and have their modes beyond it', () => {
  const root = temporaryFolder()
  const folder = new TargetFolder(root, false)
  const above = Array<string>(15).fill('d'.repeat(250)).join('/')
  const most = (16 * 1_048_576) / above.length
  let count = 0
  const add = (): void => {
    for (; count < 2 * most; count++) folder.addFolder(`${above}/${count}`, { mode: 0o711, modified: 0 })
  }
  expect(add).toThrow(new Refusal('its time is not set: there are more folders than are remembered; send fewer at a time')) // biome-ignore format: one line
  expect(count).toBeLessThan(most)
  expect(count).toBeGreaterThan(0.98 * most)
  expect(modeOf(root, `${above}/${count}`)).toBe('711')
  // What is in it is taken.
  expect(folder.place(`${above}/${count}/file`)).toBe(`${root}/${above}/${count}/file`)
})

test('a file that comes whole is what its hash says, or is not there, and none is replaced', async () => {
  const root = temporaryFolder()
  writeFileSync(join(root, 'same'), 'same')
  writeFileSync(join(root, 'other'), 'kept')
  writeFileSync(join(root, 'short'), 'kept')
  mkdirSync(join(root, 'folder'))
  const bytes = (text: string): Uint8Array => Buffer.from(text)
  const messages = [
    begin,
    wholeOf('same', bytes('same')),
    wholeOf('new', bytes('new')),
    wholeOf('empty', bytes('')),
    { ...wholeOf('lie', bytes('lie')), hash: hashOf(bytes('truth')) } as const,
    wholeOf('other', bytes('lost')),
    wholeOf('short', bytes('longer')),
    wholeOf('folder', bytes('x')),
    wholeOf('new', bytes('NEW')),
    { type: 'all' } as const,
  ]
  const { answers, error } = await receiveFrom(root, messages)
  expect(error).toBeUndefined()
  expect(answers.map(each => ('id' in each ? `${each.type} ${each.id}` : each.type))).toEqual([
    'ready',
    'had 0',
    'done 1',
    'done 2',
    ...['refused 3', 'refused 4', 'refused 5', 'refused 6', 'refused 7'],
    'finished',
  ])
  expect(readdirSync(root).sort()).toEqual(['empty', 'folder', 'new', 'other', 'same', 'short'])
  for (const [name, text] of [['new', 'new'], ['other', 'kept'], ['short', 'kept'], ['empty', '']] as const) expect(readFileSync(join(root, name), 'utf8')).toBe(text) // biome-ignore format: one line
  expect(statSync(join(root, 'new')).mode & 0o7777).toBe(0o777)
  const replaced = await receiveFrom(root, [begin, wholeOf('other', bytes('lost')), { type: 'all' }], new TargetFolder(root, true)) // biome-ignore format: one line
  expect([replaced.error, readFileSync(join(root, 'other'), 'utf8')]).toEqual([undefined, 'lost'])
})

test('what a killed run left of a small file goes, and what a link in its place leads to stays', async () => {
  const outside = temporaryFolder()
  writeFileSync(join(outside, 'victim'), 'kept')
  const bytes = Uint8Array.of(1, 2, 3)
  const saying: Readonly<Record<string, readonly SenderMessage[]>> = {
    whole: [wholeOf('a', bytes)],
    'in pieces': fileOf('a', bytes, 0),
  }
  const leave: readonly ((part: string, named: string) => void)[] = [
    part => writeFileSync(part, 'half'),
    part => symlinkSync(join(outside, 'victim'), part),
    part => linkSync(join(outside, 'victim'), part),
    // Killed after the file had got its name.
    (part, named) => {
      writeFileSync(named, bytes)
      linkSync(named, part)
    },
  ]
  for (const messages of Object.values(saying)) {
    for (const left of leave) {
      const root = temporaryFolder()
      const folder = new TargetFolder(root, false)
      left(folder.smallPartOf('a', new Uint8Array(32)), join(root, 'a'))
      const { error } = await receiveFrom(root, [begin, ...messages.filter(({ type }) => type !== 'from' && type !== 'data' || !existsSync(join(root, 'a'))), { type: 'all' }], folder) // biome-ignore format: one line
      expect([error, readdirSync(root), readFileSync(join(root, 'a'))]).toEqual([undefined, ['a'], Buffer.from(bytes)])
      expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('kept')
    }
  }
})

test('a link in the place of the part of a large file goes, and what it leads to stays', async () => {
  const bytes = new Uint8Array(70_000).fill(1)
  const victim = join(temporaryFolder(), 'victim')
  writeFileSync(victim, 'kept')
  for (const link of [symlinkSync, linkSync]) {
    const root = temporaryFolder()
    const folder = new TargetFolder(root, false)
    link(victim, folder.partOf('a', new Uint8Array(32)))
    const { error } = await receiveFrom(root, [begin, ...fileOf('a', bytes, 0), { type: 'all' }], folder)
    expect([error, readdirSync(root), readFileSync(victim, 'utf8')]).toEqual([undefined, ['a'], 'kept'])
    expect(readFileSync(join(root, 'a')).equals(bytes)).toBe(true)
  }
})

test('a file that is announced twice is written once', async () => {
  const root = temporaryFolder()
  const folder = new TargetFolder(root, false)
  const bytes = new Uint8Array(70_000).fill(1)
  const [first, , ...rest] = fileOf('a', bytes, 0)
  // Of an earlier run there is a part, which both would go on with.
  writeFileSync(folder.partOf('a', new Uint8Array(32)), bytes.subarray(0, 10))
  const messages = [
    begin,
    first!,
    first!,
    { type: 'from', id: 0, offset: 0 } as const,
    ...rest,
    { type: 'all' } as const,
  ]
  const { answers } = await receiveFrom(root, messages, folder)
  expect(answers.map(({ type }) => type)).toEqual(['ready', 'want', 'refused', 'done', 'finished'])
  expect([readdirSync(root), readFileSync(join(root, 'a')).equals(bytes)]).toEqual([['a'], true])
})

/** As on a disk that knows no case. */
class CaselessFolder extends TargetFolder {
  override place(path: string): string {
    return super.place(path.toLowerCase())
  }
}

test.each(SIZES)(
  'two names that are one on this disk: the second is refused and the first stays (%i bytes)',
  async size => {
    const root = temporaryFolder()
    const bytes = new Uint8Array(size).fill(1)
    const [first, ...firstBytes] = fileOf('name', bytes, 0)
    const [second, ...secondBytes] = fileOf('NAME', new Uint8Array(size).fill(2), 1)
    // Neither is there when they are announced.
    const messages = [begin, first!, second!, ...firstBytes, ...secondBytes, { type: 'all' } as const]
    const { answers } = await receiveFrom(root, messages, new CaselessFolder(root, false))
    expect(answers.map(({ type }) => type)).toEqual(['ready', 'want', 'want', 'done', 'refused', 'finished'])
    expect(answers.find(({ type }) => type === 'refused')).toMatchObject({
      reason: expect.stringContaining('is there already'),
    })
    expect(readFileSync(join(root, 'name'))).toEqual(Buffer.from(bytes))
  },
)

test('a sender that leaves in the middle is no whole transfer, and what came of a file stays', async () => {
  const root = temporaryFolder()
  const { error } = await receiveFrom(root, [begin, ...fileOf('a', new Uint8Array(90_000).fill(7), 0).slice(0, 3)])
  expect(error).toMatchObject({ message: expect.stringContaining('left before everything was there') })
  const [part] = readdirSync(root)
  expect([part, readFileSync(join(root, part!)).length]).toEqual([expect.stringMatching(/^\.stt-.*\.part$/), 90_000])
})

/** Whose parts can be opened, and not be written: as on a disk that takes no file of the size. */
class UnwritableFolder extends TargetFolder {
  override openPart(part: string): number {
    closeSync(super.openPart(part))
    return openSync(part, 'r')
  }
}

test('a file that cannot be written is refused and held open no longer', async () => {
  const root = temporaryFolder()
  const writers = new Map<string, () => void>()
  const messages: SenderMessage[] = [
    begin,
    { type: 'file', path: 'a', size: 70_000, mode: 0o644, modified: 0 },
    { type: 'from', id: 0, offset: 0 },
    { type: 'hole', length: 70_000 },
    { type: 'end', id: 0, hash: new Uint8Array(32) },
    { type: 'all' },
  ]
  const { answers } = await receiveFrom(root, messages, new UnwritableFolder(root, false), { writers })
  expect(answers.map(({ type }) => type)).toEqual(['ready', 'want', 'refused', 'finished'])
  expect(writers).toEqual(new Map())
})

test('holes, which are few bytes on the wire and many to read back, do not keep a signal waiting', async () => {
  const interrupt = new AbortController()
  const holes = Array.from({ length: 16 }, (): SenderMessage => ({ type: 'hole', length: 1_048_576 }))
  const file: SenderMessage = { type: 'file', path: 'a', size: 16 * 1_048_576, mode: 0o644, modified: 0 }
  const messages: SenderMessage[] = [begin, file, { type: 'from', id: 0, offset: 0 }, ...holes]
  setImmediate(() => interrupt.abort(new Error('told to end')))
  const { error } = await receiveFrom(temporaryFolder(), messages, undefined, { signal: interrupt.signal })
  expect(error).toMatchObject({ message: 'told to end' })
})
