import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FileAddressStore } from './file-address-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'stt-addresses-'))
afterAll(() => rm(folder, { recursive: true }))
const failed = { code: 'STT_INVALID_STATE' }

test('the store loads what it saved, from a file that only its owner can read', async () => {
  const path = join(folder, 'kept')
  const store = new FileAddressStore(path)
  expect(await store.load()).toBeUndefined()
  await store.save(Uint8Array.of(1, 2, 3))
  await store.save(Uint8Array.of(4, 5))
  expect(await store.load()).toEqual(Uint8Array.of(4, 5))
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['kept'])
})

test('the error for a folder that is missing, or is no folder, has the path and says what to look at', async () => {
  const path = join(folder, 'missing', 'kept')
  const store = new FileAddressStore(path)
  await expect(store.save(Uint8Array.of(1))).rejects.toMatchObject({
    ...failed,
    message: expect.stringContaining(`${path}, where addresses are kept, cannot be written: check that its folder`),
    cause: { code: 'ENOENT' },
  })
  await mkdir(join(folder, 'folder'))
  await expect(new FileAddressStore(join(folder, 'folder')).load()).rejects.toMatchObject(failed)
  await rm(join(folder, 'folder'), { recursive: true })
})

test('a file above the largest size is not read whole', async () => {
  const path = join(folder, 'large')
  await writeFile(path, new Uint8Array(1_048_577))
  await expect(new FileAddressStore(path).load()).rejects.toMatchObject({ ...failed, cause: expect.any(RangeError) })
  await writeFile(path, new Uint8Array(1_048_576))
  expect(await new FileAddressStore(path).load()).toHaveLength(1_048_576)
})

test.each([undefined, 'text', 7, {}])('the store refuses to save %j', async given => {
  const store = new FileAddressStore(join(folder, 'kept'))
  await expect(store.save(given as never)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
})
