import type { Socket } from 'node:dgram'
import { untilInRealTime } from '@stt/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bindRaw, closeLater } from '../test/sockets.ts'
import { DatagramLink } from './udp-link.ts'
import { UdpSocket } from './udp-socket.ts'

let now = 0
beforeEach(() => {
  now = 5_000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => vi.restoreAllMocks())

/** Links of one socket to which the system gives these answers. */
async function linksOf(answers: ReadonlyMap<string, string>, isSaidAtOnce = false) {
  const system = await bindRaw()
  system.send = ((...all: unknown[]) => {
    const code = answers.get(all.at(-2) as string)
    const failure = code === undefined ? null : Object.assign(new Error(`send ${code}`), { code })
    if (failure && isSaidAtOnce) throw failure
    setImmediate(all.at(-1) as (error: Error | null) => void, failure)
  }) as Socket['send']
  const socket = new UdpSocket(system)
  closeLater(() => socket.close())
  const hints: string[] = []
  const linkTo = (address: string): DatagramLink => {
    const link = new DatagramLink(socket, { address, port: 9 }, {})
    link.onUnreachable = reason => hints.push(`${address} ${(reason as NodeJS.ErrnoException).code}`)
    return link
  }
  const settle = (): Promise<void> => untilInRealTime(() => socket.getStatistics().outstanding === 0)
  return { socket, hints, linkTo, settle }
}

// spec: STT-REC-43
test.each(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN'])(
  '%s is told to the link that sent, and ends nothing',
  async code => {
    const { socket, hints, linkTo, settle } = await linksOf(new Map([['127.0.0.8', code]]))
    const [lost, other] = [linkTo('127.0.0.8'), linkTo('127.0.0.9')]
    lost.onClose = other.onClose = () => hints.push('closed')
    lost.send(Uint8Array.of(1))
    other.send(Uint8Array.of(2))
    await settle()
    expect(hints).toEqual([`127.0.0.8 ${code}`])
    expect(socket.getStatistics().sendErrors).toEqual({ [code]: 1 })
    expect(lost.send(Uint8Array.of(3))).toBe(true)
    await settle()
    expect(socket.getStatistics().packetsSent).toBe(3)
  },
)

// spec: STT-REC-43
test.each(['ENOBUFS', 'EMSGSIZE', 'EACCES', 'ECONNREFUSED'])('%s is a loss alone', async code => {
  const { hints, linkTo, settle } = await linksOf(new Map([['127.0.0.8', code]]))
  linkTo('127.0.0.8').send(Uint8Array.of(1))
  await settle()
  expect(hints).toEqual([])
})

// spec: STT-REC-43
test('a link is told once a second at most, whatever others of its socket are told', async () => {
  const answers = new Map([
    ['127.0.0.8', 'ENETUNREACH'],
    ['127.0.0.9', 'ENETUNREACH'],
  ])
  const { hints, linkTo, settle } = await linksOf(answers)
  const [a, b] = [linkTo('127.0.0.8'), linkTo('127.0.0.9')]
  for (const [wait, sender] of [
    [0, a],
    [0, a],
    [500, b],
    [499, a],
    [1, a],
    [499, b],
    [0, a],
    [1, b],
  ] as const) {
    now += wait
    sender.send(Uint8Array.of(1))
    await settle()
  }
  expect(hints.map(hint => hint.split(' ')[0])).toEqual(['127.0.0.8', '127.0.0.9', '127.0.0.8', '127.0.0.9'])
})

// spec: STT-REC-43
test('a hint never comes inside send, even where the system refuses at once', async () => {
  const { hints, linkTo, settle } = await linksOf(new Map([['127.0.0.8', 'ENETDOWN']]), true)
  const link = linkTo('127.0.0.8')
  let isSending = true
  link.onUnreachable = () => hints.push(isSending ? 'inside' : 'later')
  // So much that it is handed to the system before `send` returns.
  link.send(new Uint8Array(40_000))
  isSending = false
  await settle()
  expect(hints).toEqual(['later'])
})

test('a closed link is told nothing', async () => {
  const { hints, linkTo, settle } = await linksOf(new Map([['127.0.0.8', 'ENETUNREACH']]))
  const link = linkTo('127.0.0.8')
  link.send(Uint8Array.of(1))
  link.close()
  await settle()
  expect(hints).toEqual([])
})

test('a handler that throws leaves the socket in order', async () => {
  const system = await bindRaw()
  let settled: ((error: Error) => void) | undefined
  system.send = ((...all: unknown[]) => {
    settled = all.at(-1) as typeof settled
  }) as Socket['send']
  const socket = new UdpSocket(system)
  closeLater(() => socket.close())
  const link = new DatagramLink(socket, { address: '127.0.0.8', port: 9 }, {})
  link.onUnreachable = reason => {
    throw reason
  }
  link.send(new Uint8Array(40_000))
  const failure = Object.assign(new Error('send ENETDOWN'), { code: 'ENETDOWN' })
  expect(() => settled!(failure)).toThrow(failure)
  expect(socket.getStatistics().outstanding).toBe(0)
})
