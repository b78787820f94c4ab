import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { type Outcome, test } from './processes.ts'

const MIB = 1024 * 1024

describe.concurrent.each([
  ['UDP', 'udp://127.0.0.1:0'],
  ['WebSocket', 'ws://127.0.0.1:0'],
])('over %s', (_name, listen) => {
  test.for([
    ['16 MiB', 16 * MIB],
    ['a single byte', 1],
    ['nothing', 0],
  ] as const)('%s arrives as it was sent', async ([, size], { place }) => {
    const bytes = randomBytes(size)
    await writeFile(place.path('in'), bytes)
    const { receiver, address } = await place.receiver(listen)
    const sent = await place.sender(address, place.path('in')).outcome
    const received = await receiver.outcome

    expect(sent).toMatchObject({ code: 0, stderr: '' })
    expect(received).toMatchObject({ code: 0, stderr: '' })
    expect(hash(await readFile(place.path('out')))).toBe(hash(bytes))
    expect(received.stdout).toContain(hash(bytes).slice(0, 16))
    expect(existsSync(place.path('out.part'))).toBe(false)
  })

  test('another seed is not let in, and the sender is told the three likely causes', async ({ place }) => {
    await writeFile(place.path('in'), 'secret')
    const { address } = await place.receiver(listen)
    const outcome = await place.sender(address, place.path('in'), 'other-seed').outcome
    expectOneLine(outcome, /STT_TIMEOUT/)
    expect(outcome.stderr).toMatch(/not running/)
    expect(outcome.stderr).toMatch(/address/)
    expect(outcome.stderr).toMatch(/seed/)
  })

  test('a receiver that is killed in the middle ends the sender with one line', async ({ place }) => {
    // More than fits into both ends' buffers, so that it cannot be over before the kill.
    await createEmptyFile(place.path('in'), 512 * MIB)
    const { receiver, address } = await place.receiver(listen)
    const sender = place.sender(address, place.path('in'))
    await sender.printed(/%/)
    receiver.kill()
    expectOneLine(await sender.outcome, /STT_TRUNCATED|STT_TIMEOUT/)
  })

  test('a sender that is killed in the middle ends the receiver with one line and leaves no file', async ({
    place,
  }) => {
    await createEmptyFile(place.path('in'), 512 * MIB)
    const { receiver, address } = await place.receiver(listen)
    const sender = place.sender(address, place.path('in'))
    await sender.printed(/%/)
    sender.kill()
    expectOneLine(await receiver.outcome, /STT_TRUNCATED|STT_TIMEOUT/)
    expect(existsSync(place.path('out'))).toBe(false)
    expect(existsSync(place.path('out.part'))).toBe(false)
  })

  test('nobody at the address', async ({ place }) => {
    const { receiver, address } = await place.receiver(listen)
    receiver.kill()
    await receiver.outcome
    await writeFile(place.path('in'), 'x')
    expectOneLine(await place.sender(address, place.path('in')).outcome, /STT_CONNECT_FAILED|STT_TIMEOUT/)
  })

  test('a port that is in use', async ({ place }) => {
    const { address } = await place.receiver(listen)
    expectOneLine(await place.receive(address, 'out-2').outcome, /STT_ADDRESS_IN_USE/)
  })
})

describe.concurrent('bad input', () => {
  test('a file that does not exist', async ({ place }) => {
    const outcome = await place.sender('ws://127.0.0.1:9', place.path('missing')).outcome
    expectOneLine(outcome, /cannot read .*missing: no such file or directory/)
  })

  test('a folder instead of a file', async ({ place }) => {
    const outcome = await place.sender('ws://127.0.0.1:9', place.folder).outcome
    expectOneLine(outcome, /cannot read .*: it is not a regular file/)
  })

  test.for(['not a url', 'http://127.0.0.1:1/', 'ws://127.0.0.1:99999'])(
    'sending to the bad URL %s',
    async (url, { place }) => {
      await writeFile(place.path('in'), 'x')
      expectOneLine(await place.sender(url, place.path('in')).outcome, /STT_BAD_ADDRESS/)
    },
  )

  test('listening on a bad URL', async ({ place }) => {
    expectOneLine(await place.receive('tcp://127.0.0.1:0', 'out').outcome, /STT_BAD_ADDRESS/)
  })

  test.for([
    ['missing', undefined, 0o600, /cannot read the seed file/],
    ['too short', 'abcd', 0o600, /64 hex digits/],
    ['readable by others', 'ab'.repeat(32), 0o644, /chmod 600/],
  ] as const)('a seed file that is %s', async ([what, text, mode, says], { place, skip }) => {
    if (process.platform === 'win32' && what === 'readable by others') skip('Windows has no such modes')
    await writeFile(place.path('in'), 'x')
    if (text !== undefined) await writeFile(place.path('bad'), text, { mode })
    expectOneLine(await place.sender('ws://127.0.0.1:9', place.path('in'), 'bad').outcome, says)
  })

  test('a name that is taken is not overwritten', async ({ place }) => {
    await writeFile(place.path('out'), 'precious')
    expectOneLine(await place.receive('ws://127.0.0.1:0', 'out').outcome, /exists already/)
    expect(await readFile(place.path('out'), 'utf8')).toBe('precious')
  })
})

/** One line on stderr that says it, no stack trace, and a non-zero exit. */
function expectOneLine({ code, stderr }: Outcome, pattern: RegExp): void {
  expect(stderr).toMatch(pattern)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(code).toBe(1)
}

/** A file of zeros that takes no room on the disk. */
async function createEmptyFile(path: string, size: number): Promise<void> {
  await writeFile(path, '')
  await truncate(path, size)
}

function hash(bytes: Uint8Array): string {
  return createHash('blake2b512').update(bytes).digest('hex')
}
