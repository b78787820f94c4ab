import { expect, test } from 'vitest'
import { seededBytes } from './random.ts'
import { openOn } from './scenario.ts'
import { SimulatedDisk } from './simulated-disk.ts'

const keys = ['a', 'control \u001b[2J\r\n', 'long'.repeat(99), 'whole', 'ключ']

/** A chamber, and each key's object. */
async function prepare(): Promise<{ disk: SimulatedDisk; objects: Map<string, string> }> {
  const disk = new SimulatedDisk()
  const chamber = await openOn(disk, { minimumTail: 100 })
  const objects = new Map<string, string>()
  const seen = new Set<string>()
  for (const [index, key] of keys.entries()) {
    await chamber.store(key, seededBytes(index, 20_000 * index))
    const path = [...disk.files().keys()].find(each => each.includes('/obj/') && !seen.has(each))!
    seen.add(path)
    objects.set(key, path)
  }
  await chamber.close()
  return { disk, objects }
}

// spec: STT-CHA-16
test('verify names each damaged key, reads the others, and so does every error of an object', async () => {
  const { disk, objects } = await prepare()
  const chamber = await openOn(disk, { minimumTail: 100 })
  expect(await chamber.verify()).toEqual({ keys: 5, damaged: [] })
  const file = (key: string): { data: Uint8Array } => disk.files().get(objects.get(key)!)!
  await disk.unlink(objects.get('a')!)
  file(keys[1]!).data = file(keys[1]!).data.map((byte, i) => (i === 20_050 ? byte ^ 1 : byte))
  file(keys[2]!).data = file(keys[2]!).data.slice(0, -30)
  const { keys: count, damaged } = await chamber.verify()
  expect(count).toBe(5)
  expect(damaged.map(({ key }) => key)).toEqual(keys.slice(0, 3))
  for (const { key, error } of damaged) {
    expect(error).toMatchObject({ code: 'STT_CHAMBER_CORRUPT', details: { key } })
    await expect(chamber.retrieve(key)).rejects.toMatchObject({ message: error.message, details: { key } })
  }
  expect(damaged[0]!.error.message).toContain('the object of the key "a": it is gone; restore')
  expect(damaged[1]!.error.message).toContain('"control ?[2J??": it was changed')
  expect(damaged[2]!.error.message.length).toBeLessThan(250)
  expect((await chamber.retrieve('whole'))?.length).toBe(60_000)
  await chamber.close()
})

test('verify ends by its signal, leaves no file open, and throws other errors than damage', async () => {
  const { disk } = await prepare()
  const chamber = await openOn(disk, { minimumTail: 100 })
  await expect(chamber.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'STT_ABORTED' })
  expect(disk.openFiles).toBe(0)
  const { open } = disk
  disk.open = async () => {
    throw Object.assign(new Error('broken'), { code: 'EIO' })
  }
  await expect(chamber.verify()).rejects.toMatchObject({ code: 'STT_CHAMBER_STORE' })
  disk.open = open
  await chamber.close()
  await expect(chamber.verify()).rejects.toMatchObject({ code: 'STT_CLOSED' })
})
