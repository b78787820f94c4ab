import { expect, test } from 'vitest'
import { loadPart } from './load-part.ts'

test('a part that cannot be loaded is named, with what to do, and may be asked for again', async () => {
  let isOnline = false
  const load = async (): Promise<string> => {
    if (isOnline) return 'loaded'
    throw new TypeError('Failed to fetch dynamically imported module')
  }
  const failing = loadPart('what relays take', load)
  await expect(failing).rejects.toMatchObject({
    code: 'STT_LOAD_FAILED',
    message: expect.stringMatching(/^what relays take could not be loaded: .* again$/),
    cause: expect.any(TypeError),
  })
  isOnline = true
  expect(await loadPart('what relays take', load)).toBe('loaded')
})
