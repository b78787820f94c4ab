import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { promisify } from 'node:util'
import { bundledProgram, createUdpProxy } from '@stt/testing'
import { afterEach, expect, test } from 'vitest'
import { type QlogSession, Seed, toHex } from '../src/index.ts'
import { lineOf } from '../src/observe/diagnostics.ts'
import { connected, createNode, first, rejection } from './nodes.ts'
import { readQlog } from './qlog/read-qlog.ts'

type Fact = Readonly<Record<string, unknown>>
const leave: (() => unknown)[] = []
afterEach(async () => {
  for (const each of leave.splice(0)) await each()
})

/** What a channel tells from now on. */
function heard(name: string): Fact[] {
  const facts: Fact[] = []
  const listener = (fact: unknown): void => void facts.push(fact as Fact)
  subscribe(`stt:${name}`, listener)
  leave.push(() => unsubscribe(`stt:${name}`, listener))
  return facts
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise(resolve => setImmediate(resolve))
}

test('NODE_DEBUG=stt prints each line of a session, of a refused and of an ignored handshake, without secrets', async () => {
  const program = await bundledProgram(join(import.meta.dirname, 'watched-process.ts'))
  const env = { ...process.env, NODE_DEBUG: 'stt' }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { env })
  const { address, session, ids, secrets } = JSON.parse(stdout) as {
    address: string
    session: string
    ids: readonly string[]
    secrets: readonly string[]
  }
  const names = new Map(ids.map((id, i) => [id.slice(0, 16), ['SERVER', 'CLIENT', 'STRANGER', 'OTHER'][i]!]))
  const lines = stderr
    .trim()
    .split('\n')
    .map(line =>
      line
        .replace(/^STT \d+: /, '')
        .replaceAll(address, 'ADDRESS')
        .replace(/127\.0\.0\.1:\d+/g, 'PEER')
        .replace(/(node|peer)=([0-9a-f]{16})/g, (_all, key, id) => `${key}=${names.get(id) ?? id}`)
        .replace(`session=${session.slice(0, 16)}`, 'session=SESSION')
        .replace(/size=\d+/, 'size=N'),
    )
  expect(
    lines.filter(line => line.includes('STRANGER') || line.includes('OTHER') || !line.includes('session=')),
  ).toEqual([
    'listening node=SERVER address=ADDRESS',
    'handshake-refused node=SERVER address=ws://PEER peer=STRANGER verdict=refuse',
    expect.stringMatching(/^dial-failed node=STRANGER address=ADDRESS code=STT_PEER_REFUSED message=".*"$/),
    'handshake-dropped node=SERVER address=ws://PEER reason=badMac size=N',
    expect.stringMatching(/^dial-failed node=OTHER address=ADDRESS code=STT_ABORTED message=".*"$/),
  ])
  for (const [node, peer, role, at, by] of [
    ['CLIENT', 'SERVER', 'initiator', 'ADDRESS', 'local'],
    ['SERVER', 'CLIENT', 'responder', 'ws://PEER', 'peer'],
  ]) {
    const own = lines.filter(line => line.includes(`node=${node} session=SESSION`) && !line.startsWith('link-ended'))
    expect(own).toEqual([
      `session-opened node=${node} session=SESSION peer=${peer} role=${role} address=${at}`,
      `keys-rotated node=${node} session=SESSION epoch=1`,
      `session-ended node=${node} session=SESSION by=${by} app=true code=7 reason="done \\"so\\"" error=STT_CLOSED`,
    ])
  }
  for (const secret of secrets) expect(stderr).not.toContain(secret)
})

test('the text of a peer is one word of a line, and safe for terminals', () => {
  const line = lineOf('session-ended', {
    session: '0123456789abcdef0123',
    reason: 'done error="x"\n\u001b[2J',
    code: 0,
    message: '',
  })
  expect(line).toBe(
    `session-ended session=0123456789abcdef reason=${JSON.stringify('done error="x"\\u{a}\\u{1b}[2J')} code=0`,
  )
})

test('nothing is printed without NODE_DEBUG and subscribers', async () => {
  const { dialed, accepted } = await connected()
  await dialed.close()
  await accepted.closed
  const facts = heard('session-ended')
  const other = await connected()
  await other.dialed.close({ code: 3 })
  await other.accepted.closed
  expect(facts.map(({ by, code }) => `${by} ${code}`).sort()).toEqual(['local 3', 'peer 3'])
})

test('channels tell of UDP, of a peer that moves, and of packets that come twice', async () => {
  const [opened, ended, paths, keys, dropped, handshakes] = ['session-opened', 'session-ended', 'path-changed', 'keys-rotated', 'packet-dropped', 'handshake-dropped'].map(heard) as [Fact[], Fact[], Fact[], Fact[], Fact[], Fact[]] // biome-ignore format: one line
  const listening = heard('listening')
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'] })
  const node = toHex(server.id)
  expect(listening).toEqual([{ node, address: server.addresses[0] }])
  const { port } = new URL(server.addresses[0]!.replace('udp', 'ws'))
  const proxy = await createUdpProxy({
    target: { host: '127.0.0.1', port: Number(port) },
    seed: 1,
    toTarget: { duplicate: 1 },
  })
  leave.push(() => void proxy.close())
  const client = await createNode({ seed })
  const accepting = first(server.sessions())
  const dialed = await client.connect(`udp://127.0.0.1:${proxy.port}`)
  const accepted = await accepting
  const session = toHex(dialed.id)
  const before = accepted.peer.address
  expect(opened).toEqual([
    { node, session, peer: toHex(client.id), role: 'responder', address: before },
    { node: toHex(client.id), session, peer: node, role: 'initiator', address: dialed.peer.address },
  ])
  await proxy.rebind()
  await dialed.ping()
  await until(() => paths.length > 0)
  expect(paths).toEqual([{ node, session, from: before, to: accepted.peer.address }])
  dialed.rotateKeys()
  await until(() => keys.length === 2)
  expect(keys.every(({ epoch }) => epoch === 1)).toBe(true)
  await dialed.close({ code: 5, reason: 'bye' })
  await until(() => ended.length === 2)
  expect(ended).toContainEqual({ node, session, by: 'peer', app: true, code: 5, reason: 'bye', error: 'STT_CLOSED' })
  expect(dropped).toContainEqual({ node, session, reason: 'duplicate', size: expect.any(Number) })
  expect(handshakes.length).toBeGreaterThan(0)
  expect(handshakes[0]).toEqual({
    node,
    address: expect.stringMatching(/^udp:/),
    reason: expect.any(String),
    size: expect.any(Number),
  })
})

test('channels tell of links that end, peers that are told to come back, and packets of nobody', async () => {
  const [links, refused, failed] = ['link-ended', 'handshake-refused', 'dial-failed'].map(heard) as [
    Fact[],
    Fact[],
    Fact[],
  ]
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits: { sessions: 1 } })
  const client = await createNode({ seed })
  const session = await client.connect(server.addresses)
  const late = await createNode({ seed })
  const controller = new AbortController()
  const dialing = rejection(late.connect(server.addresses, { signal: controller.signal }))
  await until(() => refused.length > 0)
  controller.abort()
  await dialing
  await until(() => failed.length > 0)
  expect(refused[0]).toMatchObject({ node: toHex(server.id), peer: toHex(late.id), verdict: 'busy' })
  expect(failed[0]).toMatchObject({
    node: toHex(late.id),
    address: server.addresses[0],
    code: expect.stringMatching(/^STT_/),
  })
  await session.close()
  await until(() => links.some(({ node }) => node === toHex(client.id)))
  expect(links).toContainEqual(expect.objectContaining({ session: toHex(session.id), address: server.addresses[0] }))
})

const EVERYWHERE = ['connectivity:connection_started', 'transport:packet_sent', 'transport:packet_received', 'security:key_updated', 'connectivity:connection_closed'] // biome-ignore format: one line
const WHERE_DATA_WENT = ['transport:packets_acked', 'recovery:metrics_updated']

test.each(['udp://127.0.0.1:0', 'ws://127.0.0.1:0'])(
  'qlog over %s writes a file for each session, valid by the published schema, without secrets',
  async listen => {
    const folder = await mkdtemp(join(tmpdir(), 'stt-qlog-'))
    leave.push(() => rm(folder, { recursive: true }))
    const logs = new Map<string, { session: QlogSession; file: WriteStream }>()
    const qlog = (session: QlogSession) => {
      const file = createWriteStream(join(folder, `${session.role}.sqlog`))
      logs.set(session.role, { session, file })
      return file
    }
    const seed = Seed.generate()
    const { dialed, accepted } = await connected({ seed, qlog }, listen)
    const stream = await dialed.openStream()
    await stream.write(new TextEncoder().encode('what the program sends'))
    await stream.end()
    await stream.delivered
    const exported = toHex(dialed.exportKey('key', 32))
    dialed.rotateKeys()
    while (dialed.getStatistics().keyEpoch === 0) await dialed.ping()
    await dialed.close({ code: 7, reason: 'done' })
    await accepted.closed
    const { bytesSent, packetsSent } = dialed.getStatistics()
    const mine = logs.get('client')!
    expect(mine.session).toEqual({
      id: toHex(dialed.id),
      role: 'client',
      peer: toHex(dialed.peer.id),
      address: dialed.peer.address,
    })
    const texts = new Map<string, string>()
    for (const [role, { file }] of logs) {
      await finished(file)
      texts.set(role, await readFile(file.path, 'utf8'))
    }
    const myText = texts.get('client')!
    expect(texts.size).toBe(2)
    for (const text of texts.values()) {
      const { header, events } = readQlog(text)
      expect(header.trace.common_fields.group_id).toBe(toHex(dialed.id))
      const names = new Set(events.map(({ name }) => name))
      for (const name of text === myText ? [...EVERYWHERE, ...WHERE_DATA_WENT] : EVERYWHERE)
        expect(names).toContain(name)
      for (const secret of [seed.toHex(), exported, 'what the program sends']) expect(text).not.toContain(secret)
    }
    const sent = readQlog(myText).events.filter(({ name }) => name === 'transport:packet_sent')
    const size = sent.reduce((sum, { data }) => sum + (data['raw'] as { length: number }).length, 0)
    expect(sent.length).toBeLessThanOrEqual(packetsSent)
    expect(sent.length).toBeGreaterThan(3)
    expect(size).toBeLessThanOrEqual(bytesSent)
    const closed = readQlog(myText).events.at(-1)!
    expect(closed).toMatchObject({
      name: 'connectivity:connection_closed',
      data: { owner: 'local', application_code: 7, reason: 'done', trigger: 'clean' },
    })
  },
)

/** The warnings of this process from now on, which are not printed. */
function noteWarnings(): Error[] {
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', note)
  leave.push(() => {
    process.off('warning', note)
    for (const printer of printers) process.on('warning', printer)
  })
  return warnings
}

test.each([
  ['a file that cannot be opened', () => createWriteStream('/nonexistent/folder/of.sqlog'), 'ENOENT'],
  ['a promise that rejects', () => Promise.reject(new Error('later')), 'not a Promise'],
  ['no sink', () => ({ end() {} }), 'a sink with write'],
])('qlog: %s ends the log, is told, and ends nothing else', async (_what, open, why) => {
  const warnings = noteWarnings()
  const qlog = ({ role }: QlogSession) => (role === 'client' ? (open() as never) : undefined)
  const { dialed } = await connected({ qlog })
  for (let i = 0; i < 3; i++) await dialed.ping()
  await until(() => warnings.length > 0)
  await dialed.ping()
  await dialed.close()
  expect(warnings).toMatchObject([
    { message: expect.stringContaining('qlog'), cause: { message: expect.stringContaining(why) } },
  ])
})

test('a qlog sink that throws ends its log and nothing else, a full one is skipped, and a value that is none is told', async () => {
  const warnings = noteWarnings()
  let calls = 0
  let full = false
  let text = ''
  const sink = {
    get writableLength() {
      return full ? 2 ** 30 : 0
    },
    write: (record: string) => void (text += record),
  }
  const broken = {
    write() {
      if (++calls === 3) throw new Error('the disk is full')
    },
  }
  const { dialed, accepted } = await connected({ qlog: ({ role }) => (role === 'client' ? broken : sink) })
  full = true
  for (let i = 0; i < 3; i++) await dialed.ping()
  full = false
  for (let i = 0; i < 3; i++) await dialed.ping()
  await dialed.close()
  await accepted.closed
  expect(calls).toBe(3)
  const left = readQlog(text).events.find(({ name }) => name === 'stt:events_left_out')
  expect(left!.data['count']).toBeGreaterThan(0)
  await until(() => warnings.length > 0)
  expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('qlog')])
  expect(await rejection(createNode({ seed: Seed.generate(), qlog: 'file' as never }))).toMatchObject({
    code: 'STT_INVALID_ARGUMENT',
    message: expect.stringContaining('qlog'),
  })
})
