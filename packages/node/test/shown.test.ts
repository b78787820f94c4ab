import { inspect } from 'node:util'
import { expect, expectTypeOf, test } from 'vitest'
import { fromHex, Identity, metadataField, Seed, type Session, SttError, toHex } from '../src/index.ts'
import { shownReason } from '../src/session/close-reason.ts'
import { connected, createNode, first, rejection } from './nodes.ts'

const everything = { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }

test('peer, allow and revoke take ids as bytes or hex', async () => {
  const seed = Seed.generate()
  const identity = Identity.generate()
  const allow = [toHex(identity.id).toUpperCase(), new Uint8Array(32)]
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], peers: { allow } })
  const client = await createNode({ seed, identity })
  const session = await client.connect(server.addresses, { peer: ` ${toHex(server.id)}\n` })
  expect(session.peer.id).toEqual(server.id)
  await server.revoke(toHex(client.id))
  expect(await session.closed).toMatchObject({ by: 'peer', reason: 'revoked' })
  expect(fromHex(toHex(server.id))).toEqual(server.id)
  for (const id of ['no hex', toHex(server.id).slice(1), `${toHex(server.id)}00`]) {
    const error = await rejection(client.connect(server.addresses, { peer: id }))
    expect(error).toMatchObject({ code: 'STT_INVALID_ARGUMENT', message: expect.stringContaining('node id') })
    expect(await rejection(createNode({ seed, peers: { allow: [id] } }))).toMatchObject({
      code: 'STT_INVALID_ARGUMENT',
    })
  }
})

test('console.log shows a node, a session and a stream in one line each, without secrets', async () => {
  const seed = Seed.generate()
  const { dialed, accepted, client, server } = await connected({ seed, metadata: { name: 'metadata-text' } })
  const opened = first(accepted.streams())
  const stream = await dialed.openStream()
  await stream.write(new TextEncoder().encode('bytes of the program'))
  const [address] = server.addresses
  const remote = await opened
  const short = (id: Uint8Array): string => `${toHex(id).slice(0, 16)}…`
  const line = (value: unknown): string => inspect(value, everything)
  expect(line(server)).toMatch(
    new RegExp(
      `^STTNode { id: ${short(server.id)}, state: open, addresses: ${address}, sessions: 1, memoryHeld: \\d+ }$`,
    ),
  )
  expect(line(client)).not.toContain('addresses')
  expect(line(dialed)).toMatch(
    new RegExp(
      `^Session { id: ${short(dialed.id)}, state: active, peer: ${short(server.id)}, address: ${address}, streams: 1, bytesSent: \\d+, bytesReceived: \\d+ }$`,
    ),
  )
  expect(line(stream)).toMatch(
    /^Stream { id: 0, state: writable readable, bytesWritten: 20, sendBuffered: \d+, bytesRead: 0, receiveBuffered: 0 }$/,
  )
  const all = [server, client, dialed, accepted, stream, remote].map(line).join('\n')
  const secrets = [
    seed.toHex(),
    toHex(seed.toBytes()),
    toHex(dialed.exportKey('x', 32)),
    'bytes of the program',
    'metadata-text',
  ]
  for (const secret of secrets) expect(all).not.toContain(secret)
  await client.close()
  expect(line(client)).toContain('state: closed')
  expect(line(stream)).toContain('state: over')
})

test('console.log shows the result of closed in one line: a clean end without a stack, another with its code', async () => {
  const { dialed, accepted } = await connected()
  await dialed.close({ code: 7, reason: 'done\u202e' })
  expect(inspect(await dialed.closed, everything)).toBe('CloseReason { by: local, code: 7, reason: "done\\u{202e}" }')
  expect(inspect(await accepted.closed, everything)).toBe('CloseReason { by: peer, code: 7, reason: "done\\u{202e}" }')
  const error = new SttError('STT_TRUNCATED', 'the session ended without a close', { cause: new Error('cause') })
  const silence = shownReason({ by: 'silence', app: false, code: 0, reason: '', error })
  const shown = 'CloseReason { by: silence, code: 0, error: STT_TRUNCATED (the session ended without a close) }'
  expect(inspect(silence, everything)).toBe(shown)
})

test('sessions lists the live sessions without taking them, and they are active from the first', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0', 'udp://127.0.0.1:0'] })
  const client = await createNode({ seed })
  expect(server.liveSessions).toEqual([])
  const states: string[] = []
  const dialed: Session[] = []
  for (const address of server.addresses) dialed.push(await client.connect(address))
  expect(client.liveSessions).toEqual(dialed)
  expect(server.liveSessions).toHaveLength(2)
  const taken = new Promise<void>(resolve =>
    server.onSession(session => {
      states.push(session.state, session.getStatistics().state)
      if (states.length === 4) resolve()
    }),
  )
  await taken
  expect(new Set(states)).toEqual(new Set(['active']))
  await dialed[0]!.close()
  expect(client.liveSessions).toEqual([dialed[1]])
})

test('onSession gets an active session at once', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const state = new Promise<string>(resolve => server.onSession(session => resolve(session.state)))
  await (await createNode({ seed })).connect(server.addresses)
  expect(await state).toBe('active')
})

test('a field of metadata is given only with the type that was asked for', async () => {
  const metadata = {
    name: 'a',
    age: 1,
    big: 2n ** 60n,
    on: true,
    key: Uint8Array.of(1),
    list: [1],
    more: { x: null },
    none: null,
  }
  const { dialed } = await connected({ metadata })
  const { peer } = dialed
  expectTypeOf(metadataField(peer, 'name', 'string')).toEqualTypeOf<string | undefined>()
  const types = ['string', 'number', 'bigint', 'boolean', 'bytes', 'list', 'dictionary'] as const
  const names = ['name', 'age', 'big', 'on', 'key', 'list', 'more', 'none', 'toString', '__proto__'] as const
  const found = names.map(name => types.filter(type => metadataField(peer, name, type) !== undefined).join())
  expect(found).toEqual([...types, '', '', ''])
  expect(metadataField(peer, 'name', 'string')).toBe('a')
  for (const other of ['text', undefined, null, [1]]) {
    expect(metadataField({ metadata: other }, 'length', 'number')).toBeUndefined()
  }
})
