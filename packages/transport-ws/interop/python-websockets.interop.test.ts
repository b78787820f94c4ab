import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { dialWebSocket, listenWebSocket } from '../src/index.ts'
import { ManualTimers } from '../test/manual-timers.ts'
import { deferred } from '../test/pair.ts'

const python = ['/usr/bin/python3', 'python3'].find(path => spawnSync(path, ['-c', 'import websockets']).status === 0)
const script = fileURLToPath(new URL('websockets_peer.py', import.meta.url))

function start(...parameters: string[]): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(python!, [script, ...parameters], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function* said(peer: ChildProcessByStdio<Writable, Readable, null>): AsyncGenerator<Record<string, unknown>> {
  for await (const line of createInterface({ input: peer.stdout })) yield JSON.parse(line)
}

async function clientSays(url: string, mode: string): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = []
  for await (const line of said(start('client', url, mode))) lines.push(line)
  return lines
}

const name = python
  ? 'websockets of Python'
  : 'websockets of Python: SKIPPED, no Python here has it (apt-get install python3-websockets)'

describe.skipIf(!python)(name, () => {
  test('as a client: packets, fragments, Ping, close', async () => {
    await using listener = await listenWebSocket()
    const closed = deferred<Error | undefined>()
    listener.onLink = link => {
      link.confirm()
      link.onPacket = packet => void link.send(packet)
      link.onClose = closed.resolve
    }
    expect(await clientSays(listener.address, 'echo')).toEqual([
      { subprotocol: 'stt.v1' },
      ...[0, 1, 125, 126, 65_535].map(size => ({ size, same: true })),
      { fragments: 'in three frames' },
      { pong: true },
      { code: 4001, reason: '' }, // our answer
    ])
    expect(await closed.promise).toMatchObject({ code: 'STT_LINK_FAILED', details: { closeCode: 4001 } })
  })

  test('as a client that speaks no STT: closed by the deadline with 1008', async () => {
    const timers = new ManualTimers()
    await using listener = await listenWebSocket({ timers })
    listener.onLink = link => {
      link.onPacket = () => timers.advance(5_000)
    }
    expect(await clientSays(listener.address, 'binary')).toEqual([
      { subprotocol: 'stt.v1' },
      { code: 1008, reason: 'no valid STT packet came in time' },
    ])
  })

  test.each([
    ['text', 1003],
    ['big', 1009],
  ])('as a client that sends %s: closed with %s', async (mode, code) => {
    await using listener = await listenWebSocket()
    listener.onLink = link => {
      link.onPacket = () => {}
    }
    expect((await clientSays(listener.address, mode)).at(-1)).toMatchObject({ code })
  })

  test('as a server: packets and close', async () => {
    const server = start('server')
    const lines = said(server)
    const { port } = (await lines.next()).value as { port: number }
    const link = await dialWebSocket(`ws://127.0.0.1:${port}`)
    const received: Uint8Array[] = []
    const all = deferred()
    link.onPacket = packet => {
      received.push(packet.slice())
      if (received.length === 20) all.resolve()
    }
    const sent = Array.from({ length: 20 }, (_, i) => new Uint8Array(65_535 - i).fill(i))
    for (const packet of sent) link.send(packet)
    await all.promise
    expect(received.every((packet, i) => Buffer.compare(packet, sent[i]!) === 0)).toBe(true)
    const closed = deferred<Error | undefined>()
    link.onClose = closed.resolve
    link.close()
    expect(await closed.promise).toBeUndefined()
    expect((await lines.next()).value).toEqual({ code: 1000 })
    server.stdin.end()
  })
})
