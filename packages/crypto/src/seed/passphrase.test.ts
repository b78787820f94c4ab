import { expect, test } from 'vitest'
import { errorCode } from '../../test/bytes.ts'
import { known } from '../../test/known-answers.ts'
import { Seed } from './seed.ts'

const phrase = known.phrase.text

// The two answers come from OpenSSL's Argon2id (`crypto.argon2Sync` of Node 24).
// spec: STT-CRY-18
test('a generated phrase gives its seed, however it was typed, and leaves the event loop free', async () => {
  let turns = 0
  const counter = setInterval(() => turns++, 1)
  const seed = await Seed.fromPassphrase(phrase.toUpperCase().replaceAll('-', ' '))
  clearInterval(counter)
  expect(seed.toHex()).toBe('b09fa7229324ef8e54af8f9a870d94f4e7c49bf6100687150d8af773e40dab63')
  expect(turns).toBeGreaterThan(10)
})

// spec: STT-CRY-18
test('a phrase of one’s own is taken in its NFKC form, and belongs to its network', async () => {
  const seed = await Seed.fromPassphrase('cafe\u0301 de Montréal ﬁn', {
    networkId: 'größe',
    acceptOfflineGuessing: true,
  })
  expect(seed.toHex()).toBe('1c7df94ba452e033c06b36d2fc352b317e6c64cd729dd05ca2458ecdebae75cd')
})

// spec: STT-CRY-19
test('a phrase of one’s own is refused unless the risk is accepted, without being repeated', async () => {
  for (const own of ['hunter2-hunter2', `${phrase.slice(0, -1)}0`, '']) {
    const refusal = Seed.fromPassphrase(own)
    await expect(refusal).rejects.toThrow(errorCode('STT_WEAK_SEED'))
    if (own !== '') await expect(refusal).rejects.not.toThrow(own)
  }
  await expect(Seed.fromPassphrase('', { acceptOfflineGuessing: true })).rejects.toThrow(errorCode('STT_WEAK_SEED'))
})

test('generatePhrase is what fromPassphrase takes', async () => {
  const one = Seed.generatePhrase()
  expect(one).not.toBe(Seed.generatePhrase())
  const controller = new AbortController()
  controller.abort()
  // Recognised, or the refusal would come first.
  await expect(Seed.fromPassphrase(one, { signal: controller.signal })).rejects.toThrow(errorCode('STT_ABORTED'))
})

test('an abort in the middle stops the work', async () => {
  const controller = new AbortController()
  const seed = Seed.fromPassphrase(phrase, { signal: controller.signal })
  setImmediate(() => controller.abort(new Error('no longer wanted')))
  await expect(seed).rejects.toThrow(errorCode('STT_ABORTED'))
  await expect(seed).rejects.toHaveProperty('cause.message', 'no longer wanted')
})
