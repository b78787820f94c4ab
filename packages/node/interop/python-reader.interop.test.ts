import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { listenRelay, type Relay } from '@stt/relay'
import { createUdpProxy } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type NodeOptions, Seed, type Session, toHex } from '../src/index.ts'
import { loopbackLan } from '../test/loopback-lan.ts'
import { collect, createNode, expectBytes, pattern } from '../test/nodes.ts'

const MEBIBYTE = 1024 * 1024
/** How much it sends; and milliseconds within which this process answers a close, also where the machine has much else to do. */
const options = (bytes: number): string[] => ['--bytes', String(bytes), '--patience', '20000']
const python = ['/usr/bin/python3', 'python3'].find(path => spawnSync(path, ['-c', 'import cryptography']).status === 0)
const protocol = fileURLToPath(new URL('../../../docs/PROTOCOL.md', import.meta.url))
const packages = fileURLToPath(new URL('../../../packages', import.meta.url))
const script = (name: string): string => fileURLToPath(new URL(`../../../interop/python/${name}`, import.meta.url))

/** What a script says on its standard output, and how it ended. */
function run(name: string, ...parameters: string[]): Promise<{ status: number; output: string }> {
  // -B: no compiled files beside the scripts.
  return new Promise(resolve => {
    execFile(python!, ['-B', script(name), ...parameters], (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, output: stdout + stderr })
    })
  })
}

/** A listener that sends every stream back, and its first session. */
async function echoing(listen: string | string[], given: Partial<NodeOptions> = {}) {
  const { seed = Seed.generate() } = given
  const node = await createNode({ ...given, seed, listen: [listen].flat() })
  const accepted = new Promise<Session>(resolve => {
    node.onSession(session => {
      session.onStream(stream => stream.readable.pipeTo(stream.writable))
      resolve(session)
    })
  })
  return { node, accepted, address: node.addresses[0]!, seed: seed.toHex() }
}

/** A relay, and a seed whose holders it serves. @param asks whether it serves nobody else */
async function startRelay(asks: boolean): Promise<{ seed: Seed; relay: Relay }> {
  const seed = Seed.generate()
  const relay = await listenRelay(asks ? { keys: [seed.deriveRendezvousKeys().access] } : {})
  onTestFinished(() => relay.close({ drain: 0 }))
  return { seed, relay }
}

const name = python
  ? 'the reader in Python, written from docs/PROTOCOL.md'
  : 'the reader in Python: SKIPPED, no Python here has cryptography (apt-get install python3-cryptography)'

describe.skipIf(!python)(name, () => {
  test('recomputes every known answer of the text', async () => {
    expect(await run('known_answers.py', protocol)).toEqual({
      status: 0,
      output: expect.stringMatching(/^\d\d known answers agree\n$/),
    })
  })

  test('runs every reference value of the files', async () => {
    expect(await run('vectors.py', packages)).toEqual({
      status: 0,
      output: expect.stringMatching(/^\d{3} reference values hold\n$/),
    })
  })

  test('notices one changed digit, a missing block, and one that it does not compute', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stt-known-answers-'))
    try {
      const text = readFileSync(protocol, 'utf8')
      const changes = [
        (document: string) =>
          document.replace(/^(psk3 {2,})(.)/m, (_, start, digit) => start + (digit === '0' ? '1' : '0')),
        (document: string) => document.replace('known answers of §4', 'known'),
        (document: string) => document.replace(/^psk3 {2}.*$/m, line => `${line}\npsk4${line.slice(4)}`),
      ]
      for (const [i, change] of changes.entries()) {
        expect(change(text)).not.toBe(text)
        const file = join(folder, `${i}.md`)
        writeFileSync(file, change(text))
        expect((await run('known_answers.py', file)).status).toBe(1)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  // The hybrid suite is in two fragments over UDP.
  test.each([
    ['udp://127.0.0.1:0', 1],
    ['udp://127.0.0.1:0', 2],
    ['ws://127.0.0.1:0/stt', 1],
    ['ws://127.0.0.1:0/stt', 2],
  ])('dials %s with suite %i, moves 1 MiB there and back, closes', async (listen, suite) => {
    const { node, accepted, address, seed } = await echoing(listen)
    const { status, output } = await run('dial.py', address, seed, ...options(MEBIBYTE), '--suites', String(suite))
    expect(output).toMatch(/^\{.*\}\n$/)
    const session = await accepted
    expect({ status, ...JSON.parse(output) }).toEqual({
      status: 0,
      peer: toHex(node.id),
      session: toHex(session.id),
      paths: { v: 1, max: 2, punch: false, detached: 0 },
      equal: true,
      // Its own key update was followed.
      epochs: [1, 1],
      answer: 0,
      state: 'closed',
      links: 1,
      suite,
    })
    expect(await session.closed).toMatchObject({ by: 'peer', code: 7, reason: 'done' })
  })

  test('gets everything over a path that drops, repeats, reorders and damages, and from another address on the way', async () => {
    const { node, accepted, address, seed } = await echoing('udp://127.0.0.1:0')
    const conditions = { drop: 0.03, reorder: 0.03, duplicate: 0.03, corrupt: 0.03 }
    let packets = 0
    const proxy = await createUdpProxy({
      target: { host: '127.0.0.1', port: Number(new URL(address).port) },
      seed: 1,
      toTarget: conditions,
      toClient: conditions,
      tap: () => {
        if (++packets === 200) void proxy.rebind()
      },
    })
    try {
      const { output } = await run('dial.py', `udp://127.0.0.1:${proxy.port}`, seed, ...options(MEBIBYTE / 4))
      expect(JSON.parse(output)).toMatchObject({ peer: toHex(node.id), equal: true, epochs: [1, 1] })
      expect(await (await accepted).closed).toMatchObject({ by: 'peer', code: 7 })
      expect(packets).toBeGreaterThan(400)
    } finally {
      await proxy.close()
    }
  })

  // spec: STT-PKT-19 STT-PKT-32 STT-PKT-48 STT-PKT-49 STT-PKT-50
  test.each([
    ['ws', 'udp'],
    ['udp', 'ws'],
    ['ws', 'cut:ws'],
    ['ws', 'cut:udp'],
    ['udp', 'cut:udp'],
  ])('begins over %s and goes on over %s, and no byte is lost', async (from, to) => {
    const { node, accepted, seed } = await echoing(['ws://127.0.0.1:0/stt', 'udp://127.0.0.1:0'])
    const [ws, udp] = node.addresses
    const address = (name: string): string => name.replace('ws', ws!).replace(/udp$/, udp!)
    const { output } = await run('dial.py', `${address(from)},${address(to)}`, seed, ...options(MEBIBYTE))
    expect(JSON.parse(output)).toMatchObject({ equal: true, epochs: [1, 1], answer: 0, state: 'closed', links: 2 })
    expect(await (await accepted).closed).toMatchObject({ by: 'peer', code: 7 })
  })

  // spec: STT-RLY-2 STT-RLY-7 STT-RLY-10 STT-RLY-12 STT-RLY-32 STT-REG-1 STT-REG-3 STT-REG-7
  test.each([[false], [true]])(
    'finds a node by the seed and dials it by a relay, then directly: proofs of access %s',
    async asks => {
      const { seed, relay } = await startRelay(asks)
      const { node, accepted } = await echoing('udp://127.0.0.1:0', { seed, relays: [relay.url] })
      const [udp] = node.addresses
      while (relay.getStatistics().registry.records === 0) await new Promise(resolve => setImmediate(resolve))
      const found = `find:${relay.url}`
      const { output } = await run('dial.py', `${found},${udp}`, seed.toHex(), ...options(MEBIBYTE))
      expect(JSON.parse(output)).toMatchObject({
        peer: toHex(node.id),
        equal: true,
        epochs: [1, 1],
        answer: 0,
        links: 2,
      })
      expect(await (await accepted).closed).toMatchObject({ by: 'peer', code: 7 })
      expect(relay.getStatistics()).toMatchObject({ spliced: 1 })
      const stranger = await run('dial.py', found, Seed.generate().toHex())
      expect(JSON.parse(stranger.output)).toEqual({
        failed: asks ? 'the other end says no: auth' : 'no node of this seed was found',
      })
      const nobody = await run('dial.py', `relay:${relay.url}#${'00'.repeat(32)}`, seed.toHex())
      expect(JSON.parse(nobody.output)).toEqual({ failed: 'the other end says no: nobody' })
    },
  )

  // spec: STT-RLY-3 STT-RLY-8 STT-RLY-11 STT-RLY-19 STT-REG-2 STT-REG-11
  test.each([[false], [true]])(
    'listens at a relay, is found by the seed alone, and sends back what a node sends it: proofs of access %s',
    async asks => {
      const { seed, relay } = await startRelay(asks)
      const child = spawn(python!, ['-B', script('listen.py'), relay.url, seed.toHex()], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void child.kill())
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
      const id = (await lines.next()).value
      const client = await createNode({ seed, relays: [relay.url], listen: [] })
      const session = await client.connect()
      expect(toHex(session.peer.id)).toBe(id)
      const bytes = pattern(MEBIBYTE)
      const stream = await session.openStream()
      const echo = collect(stream)
      await stream.write(bytes.subarray(0, MEBIBYTE / 2))
      session.rotateKeys()
      await stream.write(bytes.subarray(MEBIBYTE / 2))
      await stream.end()
      expectBytes(await echo, bytes)
      await session.close({ code: 5, reason: 'thanks' })
      expect(JSON.parse((await lines.next()).value)).toEqual({
        peer: toHex(client.id),
        session: toHex(session.id),
        suite: 2,
        bytes: MEBIBYTE,
        closed: [true, 5, 'thanks'],
        epochs: [1, 1],
      })
    },
  )

  // spec: STT-LAN-1 STT-LAN-2 STT-LAN-6
  test.runIf(loopbackLan)(
    'asks the local network for a node of the seed, and dials it where it answers from',
    async () => {
      const { node, seed } = await echoing('ws://127.0.0.1:0', { discovery: loopbackLan! })
      await echoing('ws://127.0.0.1:0', { discovery: loopbackLan! })
      const { output } = await run('dial.py', 'lan:127.0.0.1', seed, ...options(MEBIBYTE / 4))
      expect(JSON.parse(output)).toMatchObject({ peer: toHex(node.id), equal: true, answer: 0 })
      const stranger = await run('dial.py', 'lan:127.0.0.1', Seed.generate().toHex())
      expect(JSON.parse(stranger.output)).toEqual({ failed: 'no node of this seed was found' })
    },
  )

  // spec: STT-FRM-13 STT-HS-24 STT-WS-29 STT-WS-30 STT-PKT-47 STT-PKT-50
  test('breaks rules, and gets the close code or the silence that the text prescribes', async () => {
    const { address, seed } = await echoing('ws://127.0.0.1:0', { limits: { maxDatagram: 1_000 } })
    expect(await run('hostile.py', address, seed, packages)).toEqual({
      status: 0,
      output: expect.stringMatching(/^\d\d rules hold\n$/),
    })
  })

  test('gets silence from a node with another seed, and the NO of a listener that wants the hybrid suite', async () => {
    const { address } = await echoing('ws://127.0.0.1:0/stt')
    const stranger = run('dial.py', address, Seed.generate().toHex())
    const hybrid = await echoing('udp://127.0.0.1:0', { requireHybrid: true })
    const refused = await run('dial.py', hybrid.address, hybrid.seed, '--suites', '1')
    expect(refused).toEqual({ status: 1, output: '{"failed": "the listener allows the suites [2] only"}\n' })
    expect(await stranger).toMatchObject({ status: 1, output: expect.stringMatching(/^\{"failed": "[^"]+"\}\n$/) })
  })
})
