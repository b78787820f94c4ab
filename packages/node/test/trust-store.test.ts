import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '@stt/crypto'
import { bundledProgram } from '@stt/testing'
import { expectWarnings } from '@stt/vitest-config/warnings'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { VersionedFile } from '../src/files/versioned-file.ts'
import { FileTrustStore, Identity, isSttError, Seed } from '../src/index.ts'
import { createNode, rejection } from './nodes.ts'

expectWarnings('STT_PEER_REFUSED')

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stt-trust-'))
  path = join(folder, 'trust')
})
afterEach(() => rmSync(folder, { recursive: true }))

const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const files = (): string[] => readdirSync(folder).sort()

test('admitted and revoked nodes are still so after a restart', async () => {
  const before = new FileTrustStore(path)
  expect(await before.admit('listen', id(1), 2)).toBe(true)
  expect(await before.admit('listen', id(2), 2)).toBe(true)
  expect(await before.admit('listen', id(3), 2)).toBe(false)
  await before.revoke(id(1))

  const after = new FileTrustStore(path)
  expect(await after.list('listen')).toEqual([id(2)])
  expect(await after.admit('listen', id(2), 2)).toBe(true)
  expect(await after.admit('listen', id(1), 2)).toBe(false)
  expect(await after.admit('another name', id(1), 2)).toBe(false)
  expect(await after.admit('listen', id(3), 2)).toBe(true)
  expect(await after.list('listen')).toEqual([id(2), id(3)])
  expect(await after.list('a name that nobody used')).toEqual([])
})

test('a relative path stays the same when the program changes its folder', async () => {
  const start = process.cwd
  try {
    process.cwd = () => folder
    const store = new FileTrustStore('./trust')
    await store.revoke(id(1))
    process.cwd = () => tmpdir()
    expect(await store.admit('listen', id(1), 1)).toBe(false)
    expect(files()).toEqual(['trust.1'])
  } finally {
    process.cwd = start
  }
})

test('a store that is gone, or older than it was, admits nobody and says so', async () => {
  const store = new FileTrustStore(path)
  await store.admit('listen', id(2), 5)
  const backup = readFileSync(`${path}.1`)
  await store.revoke(id(1))
  rmSync(`${path}.2`)
  for (const call of [() => store.admit('listen', id(1), 5), () => store.list('listen'), () => store.revoke(id(3))]) {
    expect(await rejection(call())).toMatchObject({ code: 'STT_TRUST_STORE', details: { seen: 2, found: 0 } })
  }
  writeFileSync(`${path}.1`, backup)
  expect(await rejection(store.admit('listen', id(1), 5))).toMatchObject({ details: { seen: 2, found: 1 } })
  expect(files()).toEqual(['trust.1'])
  expect(await new FileTrustStore(path).list('listen')).toEqual([id(2)])
})

test.each([undefined, '', 7, 'a\0b'])('a store at %j is refused', given => {
  expect(() => new FileTrustStore(given as string)).toThrow(/path of a trust store/)
})

test('ids and names of another kind are refused', async () => {
  const store = new FileTrustStore(path)
  const bad = [
    store.admit('listen', 'id' as never, 1),
    store.admit(7 as never, id(1), 1),
    store.revoke(id(1).subarray(1)),
  ]
  for (const call of [...bad, store.admit('listen', id(1), Number.NaN), store.list(undefined as never)]) {
    expect(await rejection(call)).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  }
  expect(files()).toEqual([])
})

test('the store leaves one file, which only its owner can read', async () => {
  const store = new FileTrustStore(path)
  for (let i = 0; i < 5; i++) await store.admit('listen', id(i), 10)
  expect(files()).toEqual(['trust.5'])
  expect(statSync(`${path}.5`).mode & 0o777).toBe(0o600)
})

test('the store takes names as they are', async () => {
  const store = new FileTrustStore(path)
  for (const name of ['__proto__', '7', '', 'dial udp://[::1]:1', 'ü\n"\u0000']) {
    expect(await store.admit(name, id(1), 1)).toBe(true)
    expect(await new FileTrustStore(path).list(name)).toEqual([id(1)])
  }
})

test('of many that are admitted at once, as many win as there is room for, whichever object they ask', async () => {
  const stores = [new FileTrustStore(path), new FileTrustStore(path), new FileTrustStore(path)]
  const admitted = await Promise.all(Array.from({ length: 30 }, (_, i) => stores[i % 3]!.admit('listen', id(i), 4)))
  expect(admitted.filter(Boolean)).toHaveLength(4)
  const kept = (await stores[0]!.list('listen')).map(toHex)
  expect(kept.sort()).toEqual(admitted.flatMap((isIn, i) => (isIn ? [toHex(id(i))] : [])).sort())
})

describe('two processes', () => {
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  const start = async (byte: number): Promise<ChildProcess> => {
    const program = await bundledProgram(join(import.meta.dirname, 'trust-process.ts'))
    const child = fork(program, [path, String(byte)], { execArgv: ['--enable-source-maps'] })
    children.push(child)
    await once(child, 'message')
    return child
  }
  const ask = async (child: ChildProcess, name: string): Promise<boolean> => {
    child.send(name)
    const [{ isAdmitted }] = (await once(child, 'message')) as [{ isAdmitted: boolean }]
    return isAdmitted
  }

  test('admit at the same time: one of them wins, each time', async () => {
    const both = await Promise.all([start(1), start(2)])
    for (let round = 0; round < 40; round++) {
      const admitted = await Promise.all(both.map(child => ask(child, `round ${round}`)))
      expect(admitted.filter(Boolean), `round ${round}`).toHaveLength(1)
      const [kept] = await new FileTrustStore(path).list(`round ${round}`)
      expect(kept).toEqual(id(admitted[0] ? 1 : 2))
    }
    expect(files()).toHaveLength(1)
  })

  test('keep what was told when one is killed while it writes, and the other goes on at once', async () => {
    const victim = await start(1)
    const told: string[] = []
    victim.on('message', ({ name, isAdmitted }: { name: string; isAdmitted: boolean }) => {
      if (isAdmitted) told.push(name)
    })
    for (let i = 0; i < 1_000; i++) victim.send(`name ${i}`)
    while (told.length < 20) await once(victim, 'message')
    victim.kill('SIGKILL')
    await once(victim, 'exit')
    expect(told.length).toBeLessThan(1_000)

    const store = new FileTrustStore(path)
    for (const name of told) expect(await store.list(name)).toEqual([id(1)])
    expect(await store.admit('after it', id(2), 1)).toBe(true)
  })
})

test('a file that a crashed writer left takes part in nothing, and is removed a minute later', async () => {
  const store = new FileTrustStore(path)
  await store.admit('listen', id(1), 1)
  writeFileSync(`${path}.new.4d6f`, 'half of a')
  writeFileSync(`${path}.new.just-now`, 'half of a')
  writeFileSync(`${path}.backup`, "somebody else's")
  const long = new Date(Date.now() - 61_000)
  utimesSync(`${path}.new.4d6f`, long, long)
  expect(await store.admit('listen', id(2), 1)).toBe(false)
  expect(await store.admit('another', id(2), 1)).toBe(true)
  expect(files()).toEqual(['trust.2', 'trust.backup', 'trust.new.just-now'])
})

test('a writer whose number is free again when it comes late overwrites nothing', async () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const [early, late] = [new VersionedFile(path), new VersionedFile(path)]
  const first = await late.read()
  for (const text of ['one', 'two', 'three']) expect(await early.replace(await early.read(), bytes(text))).toBe(true)
  expect(files()).toEqual(['trust.3'])
  expect(await late.replace(first, bytes('late'))).toBe(false)
  const now = await late.read()
  expect([now.number, new TextDecoder().decode(now.bytes)]).toEqual([3, 'three'])
  expect(await late.replace(now, bytes('four'))).toBe(true)
  expect(files()).toEqual(['trust.4'])
})

describe('a damaged file admits nobody, loses nothing, and says what to do', () => {
  const refuses = async (): Promise<void> => {
    const name = files()[0]!
    const before = readFileSync(join(folder, name))
    const store = new FileTrustStore(path)
    for (const call of [() => store.list('listen'), () => store.admit('new', id(9), 5), () => store.revoke(id(9))]) {
      const error = await rejection(call())
      if (!isSttError(error, 'STT_TRUST_STORE')) throw new Error('was not refused', { cause: error })
      expect(error.message).toMatch(/trust\.1 is damaged.*backup/)
    }
    expect(readFileSync(join(folder, name))).toEqual(before)
  }
  let written: Buffer
  beforeEach(async () => {
    await new FileTrustStore(path).admit('listen', id(1), 1)
    written = readFileSync(`${path}.1`)
  })

  test.each([
    ['empty', () => ''],
    ['rubbish', () => 'rubbish'],
    ['cut short', () => written.subarray(0, written.length - 2)],
    ['written twice', () => Buffer.concat([written, written])],
    ['of a later version', () => written.toString().replace('stt-trust 1', 'stt-trust 2')],
  ])('%s', async (_what, bytes) => {
    writeFileSync(`${path}.1`, bytes())
    await refuses()
  })

  test('any one bit is changed', async () => {
    for (let at = 0; at < written.length; at++) {
      const changed = Buffer.from(written)
      changed[at]! ^= 1
      writeFileSync(`${path}.1`, changed)
      await expect(new FileTrustStore(path).list('listen'), `byte ${at}`).rejects.toThrow(/damaged/)
    }
  })
})

test('a missing folder is an error that says so', async () => {
  const store = new FileTrustStore(join(folder, 'missing', 'trust'))
  const error = await rejection(store.admit('listen', id(1), 1))
  expect(error).toMatchObject({ code: 'STT_TRUST_STORE', cause: { code: 'ENOENT' } })
  expect((error as Error).message).toMatch(/folder has to exist/)
})

describe('behind nodes', () => {
  test('the node that came first is known after both are started again, and a damaged file lets nobody in', async () => {
    const seed = Seed.generate()
    const [friend, stranger] = [Identity.generate(), Identity.generate()]
    const serve = () =>
      createNode({ seed, listen: ['ws://127.0.0.1:0'], peers: { trustOnFirstUse: new FileTrustStore(path) } })
    for (const attempt of [1, 2]) {
      const server = await serve()
      const client = await createNode({ seed, identity: friend })
      const session = await client.connect(server.addresses)
      expect(session.state, `start ${attempt}`).toBe('active')
      const other = await createNode({ seed, identity: stranger })
      await expect(other.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
      await server.close()
    }
    writeFileSync(join(folder, files()[0]!), 'rubbish')
    const server = await serve()
    const warned = new Promise<Error>(resolve => process.once('warning', resolve))
    const client = await createNode({ seed, identity: friend })
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect((await warned).cause).toMatchObject({ code: 'STT_TRUST_STORE' })
  })

  test('a dialer keeps the node that answered at an address, and does not dial over a damaged file', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
    const dialing = () => createNode({ seed, peers: { trustOnFirstUse: new FileTrustStore(path) } })
    await (await dialing()).connect(server.addresses)
    const again = await (await dialing()).connect(server.addresses)
    expect(again.peer.id).toEqual(server.id)
    writeFileSync(join(folder, files()[0]!), 'rubbish')
    await expect((await dialing()).connect(server.addresses)).rejects.toMatchObject({ code: 'STT_TRUST_STORE' })
  })
})
