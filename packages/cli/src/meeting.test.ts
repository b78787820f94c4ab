import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { listenRelay } from '@stt/relay'
import { expect, onTestFinished, test } from 'vitest'
import { Machine, pairedMachines } from '../test/stt.ts'
import type { ListedLine, PathLine } from './json-lines.ts'

const LISTEN = ['--listen', 'ws://127.0.0.1:0']

test('pipe carries both directions, and each to its own end', async () => {
  const [here, there] = await pairedMachines()
  const waiting = here.start(['pipe', 'there', '--json', ...LISTEN], { input: 'from here' })
  const { addresses } = await waiting.line('listening')
  const bytes = randomBytes(3_000_000)
  const dialing = there.start(['pipe', 'here', '--address', addresses[0]!], { input: bytes })
  expect([await waiting.exit, await dialing.exit]).toEqual([0, 0])
  expect(waiting.bytes.equals(bytes)).toBe(true)
  expect(dialing.stdout).toBe('from here')
  expect(await waiting.line('ended')).toEqual({ type: 'ended', sent: 9, received: bytes.length })
  expect(dialing.stderr).toMatch(/^stt: here: over the LAN, /)
  // Both know each other from now on, and a third machine that saw the phrase comes too late.
  const listed = await Promise.all([here, there].map(machine => machine.run(['list', '--json'])))
  const [one, other] = listed.map(({ lines }) => lines[0] as ListedLine)
  expect([one!.peer, other!.peer]).toEqual([other!.id, one!.id])
  expect(one!.lastSeen).toMatch(/^\d{4}-/)
})

test('a machine that has the phrase and comes second is refused, and told what that may be', async () => {
  const [here, there] = [new Machine(), new Machine()]
  const made = here.start(['pair', 'there', '--json'])
  const { phrase } = await made.line('pairing')
  await there.run(['pair', 'here', '--phrase', '-'], { input: phrase! })
  const thief = new Machine()
  await thief.run(['pair', 'here', '--phrase', '-'], { input: phrase! })
  const waiting = here.start(['pipe', 'there', '--json', ...LISTEN], { open: true })
  const { addresses } = await waiting.line('listening')
  const dialing = there.start(['pipe', 'here', '--json', '--address', addresses[0]!], { open: true })
  await waiting.line('path')
  const refused = await thief.run(['ping', 'here', '--address', addresses[0]!])
  expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('knows another machine') })
  dialing.child.stdin!.end()
  waiting.child.stdin!.end()
  expect([await waiting.exit, await dialing.exit]).toEqual([0, 0])
})

test('ping prints the path and the time, and without an answer the command to run there', async () => {
  const [here, there] = await pairedMachines()
  const waiting = here.start(['pipe', 'there', '--json', ...LISTEN], { open: true })
  const { addresses } = await waiting.line('listening')
  const pinged = await there.run(['ping', 'here', '--address', addresses[0]!, '--count', '2', '--json'])
  expect(pinged.code).toBe(0)
  expect(pinged.lines.map(({ type }) => type)).toEqual(['path', 'ping', 'ping'])
  expect(pinged.lines[1]).toEqual({ type: 'ping', sequence: 1, rtt: expect.any(Number), kind: 'lan' })
  // The address was kept, and what the other machine calls the pairing, for commands that are to be run there.
  const again = await there.run(['ping', 'here', '--count', '1'])
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^here: \d+\.\d\d ms, over the LAN\n$/) })
  waiting.child.kill('SIGINT')
  expect(await waiting.exit).toBe(130)
  const nobody = await there.run(['ping', 'here', '--timeout', '0.5'])
  expect(nobody).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/was not reached within 0\.5 s \(run there stt receive there/),
  })
  const lost = await here.run(['ping', 'there'])
  expect(lost).toMatchObject({ code: 2, stderr: expect.stringContaining('give --address URL') })
})

test('commands for the other machine have the name that the pairing has there, once the two have met', async () => {
  const [here, there] = await pairedMachines()
  const waiting = here.start(['pipe', 'there', ...LISTEN], { open: true })
  // As far as this side knows, both call it the same.
  await expect.poll(() => waiting.stderr).toMatch(/run there: stt pipe there --address (\S+)\n/)
  const [, address] = /--address (\S+)/.exec(waiting.stderr)!
  expect((await there.run(['ping', 'here', '--address', address!, '--count', '1'])).code).toBe(0)
  waiting.child.kill('SIGTERM')
  await waiting.exit
  const [again, forgotten] = [
    here.start(['pipe', 'there', ...LISTEN], { open: true }),
    await there.run(['forget', 'here']),
  ]
  await expect.poll(() => again.stderr).toMatch(/run there: stt pipe here --address/)
  expect(forgotten.stdout).toMatch(/Run on the other machine too: stt forget there\n/)
})

test('a pipe that waits gives up after a timeout that is given, and 0 is for ever', async () => {
  const [here, there] = await pairedMachines()
  const nobody = await here.run(['pipe', 'there', ...LISTEN, '--timeout', '0.1'])
  expect(nobody).toMatchObject({ code: 3, stderr: expect.stringContaining('there did not come within 0.1 s (run') })
  const waiting = here.start(['pipe', 'there', '--json', ...LISTEN, '--timeout', '0'], { input: 'x' })
  const { addresses } = await waiting.line('listening')
  const dialing = await there.run(['pipe', 'here', '--address', addresses[0]!], { input: '' })
  expect([dialing.code, dialing.stdout, await waiting.exit]).toEqual([0, 'x', 0])
})

test('a side that is told to end gives its exit code to the other one', async () => {
  const [here, there] = await pairedMachines()
  const waiting = here.start(['pipe', 'there', '--json', ...LISTEN], { open: true })
  const { addresses } = await waiting.line('listening')
  const dialing = there.start(['pipe', 'here', '--address', addresses[0]!], { open: true })
  dialing.child.stdin!.write('x')
  await once(waiting.child.stdout!, 'data')
  dialing.child.kill('SIGTERM')
  expect([await dialing.exit, await waiting.exit]).toEqual([143, 143])
  expect(waiting.lines.at(-1)).toMatchObject({
    type: 'error',
    exitCode: 143,
    message: expect.stringContaining('interrupted'),
  })
})

test('a reader of stt pipe that goes away ends both sides, and both say so by their exit codes', async () => {
  const [here, there] = await pairedMachines()
  const waiting = here.start(['pipe', 'there', '--json', ...LISTEN], { open: true })
  const { addresses } = await waiting.line('listening')
  const dialing = there.start(['pipe', 'here', '--address', addresses[0]!], { open: true })
  waiting.child.stdin!.write('x')
  await once(dialing.child.stdout!, 'data')
  dialing.child.stdout!.destroy()
  // More than a pipe holds: the writer learns of it at some moment.
  waiting.child.stdin!.write(randomBytes(1_000_000))
  expect([await dialing.exit, await waiting.exit]).toEqual([141, 141])
  expect(dialing.stderr).not.toMatch(/EPIPE|Error/)
})

test('through a relay either finds the other by the seed alone the first time, and by its id from then on', async () => {
  const relay = await listenRelay()
  onTestFinished(() => relay.close())
  const [here, there] = await pairedMachines([relay.url])
  const nobody = await here.run(['ping', 'there', '--timeout', '0.1'])
  expect(nobody).toMatchObject({ code: 3, stderr: expect.stringContaining('was not reached') })
  const joined = there.start(['pipe', 'here', '--json', ...LISTEN], { open: true })
  await joined.line('listening')
  // The machine that made the pairing does not know the other one yet.
  const found = await here.run(['ping', 'there', '--count', '1', '--json'])
  // It begins at the relay, and may be direct before the first round trip.
  expect([found.lines[0], found.lines.at(-1)]).toMatchObject([{ type: 'path', kind: 'relayed' }, { type: 'ping' }])
  const again = await here.run(['ping', 'there', '--count', '1', '--json'])
  expect(again.lines[0]).toMatchObject({ type: 'path', peer: (found.lines[0] as PathLine).peer })

  joined.child.kill('SIGINT')
  await joined.exit
  // Without options for waiting and dialing, the machine that joined dials.
  const waiting = here.start(['pipe', 'there', '--json'], { input: 'from the one that made it' })
  await waiting.line('listening')
  const dialing = there.start(['pipe', 'here', '--json'], { input: '' })
  expect([await waiting.exit, await dialing.exit]).toEqual([0, 0])
  expect(dialing.stdout).toBe('from the one that made it')
})
