import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Machine } from '../test/stt.ts'

const keyOf = ({ home }: Machine, name: string): string => join(home, 'pairings', name, 'key')

test('a phrase pairs two machines, and both keep the same seed for their owners alone', async () => {
  const [one, other] = [new Machine(), new Machine()]
  const made = await one.run(['pair', 'laptop', '--relay', 'wss://relay.example'])
  expect(made).toMatchObject({ code: 0, stderr: '' })
  const phrase = /^ {4}(.{4}(-.{4}){5})$/m.exec(made.stdout)![1]!
  const [, command] = /^ {4}stt (pair .*)$/m.exec(made.stdout)!
  const joined = await other.run(command!.split(' '), { input: `${phrase.toUpperCase()}\n` })
  expect(joined).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('is paired as laptop') })

  const [first, second] = [one, other].map(machine => readFileSync(keyOf(machine, 'laptop'), 'utf8').split('\n'))
  expect(second![1]).toBe(first![1])
  expect(second![2]).not.toBe(first![2])
  expect(statSync(keyOf(one, 'laptop')).mode & 0o777).toBe(0o600)
  expect(statSync(join(one.home, 'pairings')).mode & 0o777).toBe(0o700)
  // The command for the other machine contains this one's id, and no part of the secret.
  const [listed] = (await other.run(['list', '--json'])).lines
  expect(listed).toMatchObject({ type: 'listed', name: 'laptop', relays: ['wss://relay.example'], passphrase: false })
  const { id } = (await one.run(['list', '--json'])).lines[0] as { id: string }
  expect(listed).toMatchObject({ peer: id })
  expect(made.stdout.replaceAll(phrase, '')).not.toContain(phrase.slice(0, 9))
})

test('who joins without an id is told that any machine with the phrase may be the other one, and with one not', async () => {
  const { lines } = await new Machine().run(['pair', 'laptop', '--json'])
  const { phrase, uri, id } = lines[0] as { phrase: string; uri: string; id: string }
  const join = (input: string, ...more: string[]) =>
    new Machine().run(['pair', 'a', '--phrase', '-', ...more], { input })
  const [open, known, scanned] = await Promise.all([join(phrase), join(phrase, '--peer', id), join(uri)])
  expect(open.stdout).toMatch(/id was not given \(--peer\): until the two have met, any machine with the phrase can/)
  for (const { code, stdout } of [known, scanned])
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('--peer')])
})

test('a phrase is no argument, and a wrong one is told', async () => {
  const machine = new Machine()
  const seen = await machine.run(['pair', 'a', '--phrase', '0000-1111'])
  expect(seen).toMatchObject({ code: 2, stderr: expect.stringContaining('never an argument') })
  const wrong = await machine.run(['pair', 'a', '--phrase', '-'], { input: '0000-0000-0000-0000-0000-0000' })
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('one of its characters is wrong') })
  const nothing = await machine.run(['pair', 'a', '--phrase', '-'], { input: '\n' })
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('no value was given for: Phrase') })
  const bad = await machine.run(['pair', '../a'])
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot name a pairing') })
  const device = await machine.run(['pair', 'con'])
  expect(device).toMatchObject({
    code: 2,
    stderr:
      'stt: "con" cannot name a pairing: Windows has a device of this name, and no file; take another, such as my-con\n',
  })
  expect(existsSync(join(machine.home, 'pairings'))).toBe(false)
})

test('a seed file that others can read, or that is damaged, is refused with what mends it', async () => {
  const machine = new Machine()
  await machine.run(['pair', 'a'])
  const key = keyOf(machine, 'a')
  chmodSync(key, 0o644)
  const open = await machine.run(['ping', 'a', '--address', 'ws://127.0.0.1:9'])
  expect(open).toMatchObject({ code: 1, stderr: expect.stringContaining(`chmod 600 '${key}'`) })
  const listed = await machine.run(['list'])
  expect(listed).toMatchObject({ code: 1, stdout: expect.stringContaining('chmod 600') })

  const text = readFileSync(key, 'utf8')
  chmodSync(key, 0o600)
  // Another seed, by one digit.
  writeFileSync(
    key,
    text.replace(/\n(.)/, (_, digit) => (digit === '0' ? '\n1' : '\n0')),
  )
  const damaged = await machine.run(['ping', 'a', '--address', 'ws://127.0.0.1:9'])
  expect(damaged).toMatchObject({ code: 1, stderr: expect.stringMatching(/is damaged: .*stt forget a/) })

  writeFileSync(key, text)
  chmodSync(join(machine.home, 'pairings'), 0o777)
  const folder = await machine.run(['ping', 'a', '--address', 'ws://127.0.0.1:9'])
  expect(folder).toMatchObject({ code: 1, stderr: expect.stringContaining('chmod 700') })
})

test('a name is taken once, whatever its case; a forgotten one is free, a rolled one has another seed', async () => {
  const machine = new Machine()
  await machine.run(['pair', 'Laptop'])
  const again = await machine.run(['pair', 'laptop'])
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('already') })
  const before = readFileSync(keyOf(machine, 'Laptop'), 'utf8')
  const rolled = await machine.run(['forget', 'Laptop', '--roll', '--json'])
  expect(rolled.lines.map(({ type }) => type)).toEqual(['forgotten', 'pairing'])
  expect(readFileSync(keyOf(machine, 'Laptop'), 'utf8')).not.toBe(before)
  expect(await machine.run(['forget', 'Laptop'])).toMatchObject({ code: 0 })
  expect(existsSync(keyOf(machine, 'Laptop'))).toBe(false)
  const gone = await machine.run(['forget', 'Laptop'])
  expect(gone).toMatchObject({ code: 2, stderr: 'stt: no pairing is called Laptop\n' })
})

test('under a passphrase no seed is in a file of its own, and a wrong one is told', async () => {
  const machine = new Machine()
  const environment = { STT_PASSPHRASE: 'correct horse battery staple' }
  expect(await machine.run(['pair', 'a', '--passphrase'], { environment })).toMatchObject({ code: 0 })
  expect(existsSync(keyOf(machine, 'a'))).toBe(false)
  const wrong = await machine.run(['ping', 'a', '--address', 'ws://127.0.0.1:9'], {
    environment: { STT_PASSPHRASE: 'x' },
  })
  expect(wrong).toMatchObject({ code: 4, stderr: 'stt: the passphrase is wrong\n' })
  const none = await machine.run(['ping', 'a', '--address', 'ws://127.0.0.1:9'])
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('set STT_PASSPHRASE') })
  const right = await machine.run(['ping', 'a', '--address', 'ws://127.0.0.1:9', '--timeout', '0.1'], { environment })
  expect(right).toMatchObject({ code: 3, stderr: expect.stringContaining('was not reached') })
})
