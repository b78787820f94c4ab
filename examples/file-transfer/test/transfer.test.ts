import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Outcome, Workplace } from './processes.ts'

let place: Workplace
beforeEach(async () => {
  place = await Workplace.create()
})
afterEach(() => place.clean())

test.each([
  ['16 MiB', 16 * 1024 * 1024],
  ['a single byte', 1],
  ['nothing', 0],
])('%s arrives as it was sent', async (_name, size) => {
  const bytes = randomBytes(size)
  await writeFile(place.path('in'), bytes)
  const { receiver, address } = await place.receiver()
  const sent = await place.sender(address, place.path('in')).outcome
  const received = await receiver.outcome

  expect(sent).toMatchObject({ code: 0, stderr: '' })
  expect(received).toMatchObject({ code: 0, stderr: '' })
  expect(hash(await readFile(place.path('out')))).toBe(hash(bytes))
  expect(received.stdout).toContain(hash(bytes).slice(0, 16))
  expect(existsSync(place.path('out.part'))).toBe(false)
})

test('another seed is not let in, and the sender is told the three likely causes', async () => {
  await writeFile(place.path('in'), 'secret')
  const { address } = await place.receiver()
  const outcome = await place.sender(address, place.path('in'), 'other-seed').outcome
  expectOneLine(outcome, /STT_TIMEOUT/)
  expect(outcome.stderr).toMatch(/not running/)
  expect(outcome.stderr).toMatch(/address/)
  expect(outcome.stderr).toMatch(/seed/)
})

test('a receiver that is killed in the middle ends the sender with one line', async () => {
  // More than fits into both ends' buffers, so that it cannot be over before the kill.
  await writeFile(place.path('in'), Buffer.alloc(512 * 1024 * 1024))
  const { receiver, address } = await place.receiver()
  const sender = place.sender(address, place.path('in'))
  await sender.printed(/%/)
  receiver.kill()
  expectOneLine(await sender.outcome, /STT_TRUNCATED|STT_TIMEOUT/)
})

test('a sender that is killed in the middle ends the receiver with one line and leaves no file', async () => {
  await writeFile(place.path('in'), Buffer.alloc(512 * 1024 * 1024))
  const { receiver, address } = await place.receiver()
  const sender = place.sender(address, place.path('in'))
  await sender.printed(/%/)
  sender.kill()
  expectOneLine(await receiver.outcome, /STT_TRUNCATED|STT_TIMEOUT/)
  expect(existsSync(place.path('out'))).toBe(false)
  expect(existsSync(place.path('out.part'))).toBe(false)
})

test('a file that does not exist', async () => {
  const outcome = await place.sender('ws://127.0.0.1:9', place.path('missing')).outcome
  expectOneLine(outcome, /cannot read .*missing: no such file or directory/)
})

test('a folder instead of a file', async () => {
  const outcome = await place.sender('ws://127.0.0.1:9', place.folder).outcome
  expectOneLine(outcome, /cannot read .*: it is not a regular file/)
})

test.each(['not a url', 'http://127.0.0.1:1/', 'ws://127.0.0.1:99999'])('sending to the bad URL %s', async url => {
  await writeFile(place.path('in'), 'x')
  expectOneLine(await place.sender(url, place.path('in')).outcome, /STT_BAD_ADDRESS/)
})

test('listening on a bad URL', async () => {
  const seed = ['--seed-file', place.path('seed'), '--out', place.path('out')]
  expectOneLine(await place.run('receive', ...seed, '--listen', 'tcp://127.0.0.1:0').outcome, /STT_BAD_ADDRESS/)
})

test('nobody at the address', async () => {
  const { receiver, address } = await place.receiver()
  receiver.kill()
  await receiver.outcome
  await writeFile(place.path('in'), 'x')
  expectOneLine(await place.sender(address, place.path('in')).outcome, /STT_CONNECT_FAILED|STT_TIMEOUT/)
})

test('a port that is in use', async () => {
  const { address } = await place.receiver()
  const second = place.run(
    'receive',
    ...['--seed-file', place.path('seed'), '--listen', address, '--out', place.path('out-2')],
  )
  expectOneLine(await second.outcome, /STT_ADDRESS_IN_USE/)
})

test('a seed file that is missing, malformed or open to other users', async () => {
  await writeFile(place.path('in'), 'x')
  await writeFile(place.path('short'), 'abcd', { mode: 0o600 })
  await writeFile(place.path('open'), 'ab'.repeat(32), { mode: 0o644 })
  const send = (seed: string): Promise<Outcome> => place.sender('ws://127.0.0.1:9', place.path('in'), seed).outcome

  expectOneLine(await send('missing'), /cannot read the seed file/)
  expectOneLine(await send('short'), /64 hex digits/)
  if (process.platform !== 'win32') expectOneLine(await send('open'), /chmod 600/)
})

test('a name that is taken is not overwritten', async () => {
  await writeFile(place.path('out'), 'precious')
  const receiver = place.run(
    'receive',
    ...['--seed-file', place.path('seed'), '--listen', 'ws://127.0.0.1:0', '--out', place.path('out')],
  )
  expectOneLine(await receiver.outcome, /exists already/)
  expect(await readFile(place.path('out'), 'utf8')).toBe('precious')
})

/** One line on stderr that says it, no stack trace, and a non-zero exit. */
function expectOneLine({ code, stderr }: Outcome, pattern: RegExp): void {
  expect(stderr).toMatch(pattern)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(code).toBe(1)
}

function hash(bytes: Uint8Array): string {
  return createHash('blake2b512').update(bytes).digest('hex')
}
