import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Machine, pairedMachines, type Run, temporaryFolder } from '../test/stt.ts'
import type { FindingLine } from './json-lines.ts'

const findingsOf = ({ lines }: Pick<Run, 'lines'>, ...about: readonly FindingLine['about'][]): string[] =>
  lines.flatMap(line => (line.type === 'finding' && about.includes(line.about) ? [line.code] : []))

/** That this machine is in no network is its own matter. */
const brokenOf = ({ lines }: Pick<Run, 'lines'>): string[] =>
  lines.flatMap(line =>
    line.type === 'finding' && line.verdict === 'broken' && line.about !== 'network' ? [line.code] : [],
  )

async function relayFor(machine: Machine, name: string): Promise<string> {
  const relay = machine.start(['relay', '--listen', 'ws://127.0.0.1:0', '--for', name, '--json'])
  return (await relay.line('relaying')).url
}

test('a relay serves a pairing and no other, and a machine that waits there keeps its place', async () => {
  const [here, there] = await pairedMachines()
  const url = await relayFor(here, 'there')
  const waiting = here.start(['receive', 'there', '--into', temporaryFolder(), '--relay', url, '--keep', '--json'])
  await waiting.line('listening')
  const found = await there.run(['doctor', 'here', '--relay', url, '--json'])
  expect([brokenOf(found), found.stderr]).toEqual([[], ''])
  expect(findingsOf(found, 'relay', 'registry', 'clock', 'udp')).toEqual(['relay-serves', 'registry-knows', 'clock-right', 'udp-passes']) // biome-ignore format: one line
  expect(findingsOf(found, 'peer')).toEqual([expect.stringMatching(/^(peer-|relayed-)/)])
  expect(found.lines.at(-1)).toMatchObject({ type: 'examined' })
  // The doctor of the machine that waits listens nowhere in its place.
  const own = await here.run(['doctor', 'there', '--relay', url, '--json'])
  expect([own.code, findingsOf(own, 'relay', 'peer')]).toEqual([3, ['relay-serves', 'peer-unreached']])
  expect((await there.run(['ping', 'here', '--relay', url, '--count', '1'])).code).toBe(0)
  const [stranger] = await pairedMachines()
  const [named, unnamed] = await Promise.all([
    stranger.run(['doctor', 'there', '--relay', url, '--json']),
    stranger.run(['doctor', '--relay', url, '--quiet']),
  ])
  expect([named.code, findingsOf(named, 'relay', 'registry')]).toEqual([3, ['relay-refuses']])
  expect(unnamed).toMatchObject({ stderr: '', stdout: expect.stringMatching(/^unknown {2}relay {5}ws:.* serves holders of some seeds: run stt doctor NAME/m) }) // biome-ignore format: one line
})

test('without a name the relays of all pairings are asked, each with the key of its own', async () => {
  const [here] = await pairedMachines()
  const url = await relayFor(here, 'there')
  const { stdout } = await here.run(['list', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ name: 'there', relays: [] })
  const [one] = await pairedMachines([url])
  // Its own pairing is not served there.
  expect(findingsOf(await one.run(['doctor', '--json']), 'relay')).toEqual(['relay-refuses'])
})

test('without a name a pairing that is damaged is told, and what to do, and the others are looked at', async () => {
  const [here] = await pairedMachines(['ws://127.0.0.1:9'])
  const state = join(here.home, 'pairings', 'there', 'state.json')
  writeFileSync(state, readFileSync(state, 'utf8').slice(0, 20))
  const run = await here.run(['doctor', '--json'])
  expect([run.code, findingsOf(run, 'peer', 'relay')]).toEqual([1, ['pairing-damaged', 'relay-none']])
  const told = run.lines.find(line => line.type === 'finding' && line.code === 'pairing-damaged')
  expect(told).toMatchObject({ subject: 'there', message: expect.stringMatching(/^the pairing there cannot be used: .* is damaged: pair anew after stt forget there$/) }) // biome-ignore format: one line
})

test('a relay that takes connections and stays silent, and one that is not there, end in time and are reported', async () => {
  const [here] = await pairedMachines()
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: ([first]) => first ?? false })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  const silent = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const run = await here.run(['doctor', '--relay', silent, '--relay', 'ws://127.0.0.1:9'])
  expect([run.code, run.stderr]).toEqual([1, expect.stringMatching(/^stt: broken: [23], limited: \d; \d could not be told; each line says what to do\n$/)]) // biome-ignore format: one line
  expect(run.stdout).toMatch(/^broken {3}relay {5}ws:\/\/127\.0\.0\.1:\d+ is not reached: it takes the connection and says nothing: see that a relay runs there/m) // biome-ignore format: one line
  expect(run.stdout).toMatch(/^broken {3}relay {5}ws:\/\/127\.0\.0\.1:9 is not reached: nothing listens at .*: check that the other side runs/m) // biome-ignore format: one line
})

test('what is no relay, and a pairing that there is not, end it with 2', async () => {
  const [here] = await pairedMachines()
  const [url, name, address] = await Promise.all([
    here.run(['doctor', '--relay', 'http://relay.example']),
    here.run(['doctor', 'nobody']),
    here.run(['doctor', '--address', 'ws://127.0.0.1:9']),
  ])
  expect(address).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('stt doctor NAME --address URL'),
  })
  expect(url).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('It takes the URL of a relay: wss://relay.example') }) // biome-ignore format: one line
  expect(name).toMatchObject({ code: 2, stderr: expect.stringContaining('no pairing is called nobody') })
})
