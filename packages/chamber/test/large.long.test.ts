import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { measureMemory } from '@stt/testing'
import { expect, test } from 'vitest'
import { Chamber } from '../src/index.ts'
import { temporaryFolder } from './folder.ts'
import { killOften } from './kill.ts'
import { seededBytes } from './random.ts'

const key = seededBytes(1, 32)
const MIB = 1024 * 1024

async function timed<T>(what: string, use: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await use()
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(2)} s`)
  return result
}

test('an object of 256 MiB goes in and out in constant memory', async () => {
  const options = { path: await temporaryFolder(), id: 'large', key }
  const chamber = await Chamber.open(options)
  const piece = seededBytes(2, 100_003)
  const length = 256 * MIB
  const samples: number[] = []
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < length; at += piece.length) {
      if (at % (64 * piece.length) === 0) samples.push(await measureMemory())
      yield piece.subarray(0, Math.min(piece.length, length - at))
    }
  }
  await timed('store 256 MiB, durable', () => chamber.store('a', source()))
  let at = 0
  await timed('retrieve 256 MiB', async () => {
    for await (const part of (await chamber.retrieveStream('a'))!) {
      const offset = at % piece.length
      const same = Math.min(part.length, piece.length - offset)
      if (Buffer.compare(part.subarray(0, same), piece.subarray(offset, offset + same)) !== 0)
        throw new Error(`wrong at ${at}`)
      at += part.length
      if (at % (8 * MIB) < part.length) samples.push(await measureMemory())
    }
  })
  expect(at).toBe(length)
  const early = samples[Math.floor(samples.length / 10)]!
  const peak = Math.max(...samples.slice(Math.floor(samples.length / 10)))
  console.log(`peak resident set of the process ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`)
  console.log(`memory at a tenth ${(early / MIB).toFixed(1)} MiB, at most afterwards ${(peak / MIB).toFixed(1)} MiB`)
  expect(peak).toBeLessThan(1.1 * early + 2 * MIB)
  await chamber.close()
})

test('100,000 objects in a folder', async () => {
  const options = { path: await temporaryFolder(), id: 'many', key, durability: 'relaxed' } as const
  const before = await measureMemory()
  const chamber = await Chamber.open(options)
  for (let i = 0; i < 100_000; i += 10_000) {
    await timed(`store ${i} to ${i + 10_000}, relaxed`, async () => {
      for (let j = i; j < i + 10_000; j += 500) {
        await Promise.all(
          Array.from({ length: 500 }, (_, k) => chamber.store(`folder/${j + k}`, Buffer.from(`object ${j + k}`))),
        )
      }
    })
  }
  console.log(`${Math.round(((await measureMemory()) - before) / 100_000)} bytes of memory a key`)
  await timed('close', () => chamber.close())
  const again = await timed('open', () => Chamber.open(options))
  expect(again.getStatistics()).toMatchObject({ keys: 100_000, removedObjects: 0 })
  await timed('retrieve 1,000', async () => {
    for (let i = 0; i < 100_000; i += 100)
      expect(Buffer.from((await again.retrieve(`folder/${i}`))!).toString()).toBe(`object ${i}`)
  })
  await timed('list', async () => expect((await again.list({ prefix: 'folder/9' })).length).toBe(11_111))
  await again.close()
})

test('a writer that is killed 60 times loses nothing that it acknowledged', async () => {
  await killOften(await temporaryFolder(), 60)
})

test('beside plain files with fsync', async () => {
  const folder = await temporaryFolder()
  const chamber = await Chamber.open({ path: join(folder, 'chamber'), id: 'a', key })
  const files = join(folder, 'files')
  await mkdir(files)
  for (const [length, count] of [
    [4096, 300],
    [MIB, 40],
  ] as const) {
    const bytes = seededBytes(length, length)
    const times = { files: 0, chamber: 0, filesRead: 0, chamberRead: 0 }
    // In turns, so that both see the same machine.
    for (let i = 0; i < count; i++) {
      times.files += await spent(() => writeFileSafely(files, `${length}-${i}`, bytes))
      times.chamber += await spent(() => chamber.store(`${length}-${i}`, bytes))
      times.filesRead += await spent(async () => void (await readWhole(join(files, `${length}-${i}`))))
      times.chamberRead += await spent(async () => void (await chamber.retrieve(`${length}-${i}`)))
    }
    const each = Object.entries(times).map(([what, time]) => `${what} ${(time / count).toFixed(2)} ms`)
    console.log(`${length} bytes: ${each.join(', ')}`)
  }
  await chamber.close()
})

async function spent(use: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await use()
  return performance.now() - start
}

/** The usual way without a chamber: another name, fsync, rename, fsync of the folder. */
async function writeFileSafely(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `.${name}`)
  const file = await open(temporary, 'wx', 0o600)
  await file.write(bytes)
  await file.sync()
  await file.close()
  await rename(temporary, join(folder, name))
  const directory = await open(folder, 'r')
  await directory.sync()
  await directory.close()
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}
