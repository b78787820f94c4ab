import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { encodeGreeting, encodeNo, encodeRecords } from '@stt/rendezvous/server'
import { relayGreeting } from '@stt/testing'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { askRelay } from './ask-relay.ts'
import { Conversation } from './conversation.ts'
import { clockFinding, relayFindings } from './relay-findings.ts'

const GREETING = { ...relayGreeting, unixSeconds: Math.floor(Date.now() / 1_000) }

/** What takes the connections of clients, and says to each what a test wants. */
async function relayThat(say: (socket: WebSocket, subprotocol: string) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: ([first]) => first ?? false })
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  server.on('connection', socket => {
    socket.on('error', () => {})
    say(socket, socket.protocol)
  })
  await once(server, 'listening')
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>(call => {
    resolve = call
  })
  return { promise, resolve }
}

/** A relay that greets, and answers each message with these. */
const answering =
  (greeting: Parameters<typeof encodeGreeting>[0], ...answers: readonly Uint8Array[]) =>
  (socket: WebSocket): void => {
    socket.send(encodeGreeting(greeting))
    socket.on('message', () => {
      for (const answer of answers) socket.send(answer)
    })
  }

const ask = (url: string, signal = new AbortController().signal, access?: Uint8Array) =>
  askRelay({ url, ...(access && { access }) }, signal)

test('a relay that serves some, whom it was not shown a key of, and one that it was', async () => {
  const url = await relayThat(answering({ ...GREETING, needsAccess: true }, encodeNo('auth', 60_000)))
  const [unasked, refused] = [await ask(url), await ask(url, undefined, new Uint8Array(32))]
  expect([unasked.serves, refused.serves]).toEqual(['unasked', 'no'])
  const codes = relayFindings([unasked, refused], {}).map(({ code, verdict }) => `${code} ${verdict}`)
  expect(codes).toEqual(['relay-unasked unknown', 'relay-refuses broken'])
  const full = await ask(await relayThat(answering(GREETING, encodeNo('full', 5_000))))
  expect(relayFindings([full], {})[0]).toMatchObject({ code: 'relay-full', verdict: 'limited' })
})

test.each([
  [20, 'clock-inexact', 'limited'],
  [-47, 'clock-wrong', 'broken'],
])('a clock that is %d minutes ahead', async (minutes, code, verdict) => {
  const unixSeconds = GREETING.unixSeconds - 60 * minutes
  const answer = await ask(await relayThat(answering({ ...GREETING, unixSeconds }, encodeNo('nobody', 2_000))))
  const finding = clockFinding([answer])
  expect(finding).toMatchObject({ code, verdict })
  expect(finding.message).toContain(`${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'}`)
  // Of two relays one that agrees is enough: the other's clock is wrong.
  const right = await ask(await relayThat(answering(GREETING, encodeNo('nobody', 2_000))))
  expect(clockFinding([answer, right])).toMatchObject({ code: 'clock-right', subject: right.url })
})

test.each([
  ['garbage', (socket: WebSocket) => socket.send(Buffer.from('hello'))],
  ['another message than a greeting', (socket: WebSocket) => socket.send(encodeNo('version', 0))],
  ['records where a no is due', answering(GREETING, encodeRecords([])[0]!)],
  ['an end', (socket: WebSocket) => socket.close()],
])('what says %s is no relay, and its problem says what to do', async (_, say) => {
  const { greeted, problem } = await ask(await relayThat(say))
  expect([greeted, problem]).toEqual([undefined, expect.stringMatching(/: (check host|see that a relay of the same)|without an answer/)]) // biome-ignore format: one line
})

test('a silent relay is waited for until the signal', async () => {
  const over = new AbortController()
  const silent = await relayThat(() => over.abort())
  expect((await ask(silent, over.signal)).problem).toMatch(/says nothing: see that a relay runs|aborted by its signal/)
})

test('a relay that sends messages without end is left', async () => {
  const left = deferred()
  const url = await relayThat(socket => {
    socket.on('close', left.resolve)
    for (let i = 0; i < 100; i++) socket.send(Buffer.alloc(60_000))
  })
  const { signal } = new AbortController()
  const talk = await Conversation.with(url, { subprotocol: 'stt-relay.v1', signal })
  await left.promise
  // What came before that is there.
  for (let i = 0; i < 64; i++) expect((await talk.hear()).length).toBe(60_000)
  await expect(talk.hear()).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test('a registry that has ever more records is left, and what it says otherwise is told', async () => {
  const entry = { slot: new Uint8Array(16), blob: new Uint8Array(544) }
  const [page] = encodeRecords(Array.from({ length: 64 }, () => entry))
  const registry =
    (...pages: readonly Uint8Array[]) =>
    (socket: WebSocket, subprotocol: string): void =>
      answering(GREETING, ...(subprotocol === 'stt-relay.v1' ? [encodeNo('nobody', 0)] : pages))(socket)
  // Each page says that more follows.
  const endless = await ask(await relayThat(registry(...Array.from({ length: 10 }, () => page!))))
  expect(endless.registry?.problem).toMatch(/says what no relay says there: see/)
  const [, silent] = relayFindings([endless], {})
  expect(silent).toMatchObject({ code: 'registry-silent', verdict: 'broken' })
  const whole = await ask(await relayThat(registry(...encodeRecords([entry]))))
  expect(whole.registry).toEqual({ records: [] })
})
