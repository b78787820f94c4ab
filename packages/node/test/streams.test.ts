import { CloseCode } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { collect, connected, expectBytes, first, pattern, rejection } from './nodes.ts'

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0', 'udp://[::1]:0'])('over %s', address => {
  test('a reader that never reads holds the writer to its window, and nothing is lost when it reads at last', async () => {
    const streamWindow = 64 * 1024
    const { dialed, accepted } = await connected({ limits: { streamWindow, maxStreamWindow: streamWindow } }, address)
    const stream = await dialed.openStream()
    const bytes = pattern(1_000_000)
    let resolved = false
    const writing = stream.write(bytes).then(() => {
      resolved = true
    })
    const unread = await first(accepted.streams())
    for (let i = 0; i < 5; i++) await dialed.ping()
    expect(resolved).toBe(false)
    const { bytesWritten } = stream.getStatistics()
    expect(bytesWritten).toBeGreaterThan(0)
    expect(bytesWritten).toBeLessThanOrEqual(streamWindow + dialed.maxDatagramSize)
    expect(unread.getStatistics().receiveMemory).toBeLessThan(4 * streamWindow)

    const reading = collect(unread)
    await writing
    await stream.end()
    expectBytes(await reading, bytes)
  })

  test('writes keep their order, whichever caller waits for them', async () => {
    const { dialed, accepted } = await connected({ limits: { streamWindow: 1_000, maxStreamWindow: 1_000 } }, address)
    const stream = await dialed.openStream()
    const parts = [pattern(5_000), pattern(10), pattern(7_000), new Uint8Array(0), pattern(1)]
    const writing = Promise.all(parts.map(part => stream.write(part)))
    const reading = first(accepted.streams()).then(collect)
    await writing
    await stream.end()
    expectBytes(await reading, Buffer.concat(parts))
  })

  test("the bytes given to write are the caller's again when it resolves", async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openStream()
    const reading = first(accepted.streams()).then(collect)
    const buffer = new Uint8Array(100_000).fill(1)
    await stream.write(buffer)
    buffer.fill(2)
    await stream.write(buffer)
    await stream.end()
    const received = await reading
    expect(received.indexOf(2)).toBe(100_000)
    expect(received.lastIndexOf(1)).toBe(99_999)
  })

  test('leaving the loop early stops the peer', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openStream()
    const writing = rejection(
      (async () => {
        for (;;) await stream.write(pattern(50_000))
      })(),
    )
    await first(await first(accepted.streams()))
    expect(await writing).toMatchObject({ code: 'STT_STREAM_STOPPED', details: { code: 0 } })
  })

  test('a reset reaches the reader with its code, after what arrived before', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openSendStream()
    await stream.write(pattern(10))
    const incoming = await first(accepted.streams())
    stream.reset(77)
    const error = await rejection(collect(incoming))
    expect(error).toMatchObject({ code: 'STT_STREAM_RESET', details: { code: 77 } })
    await expect(stream.write(pattern(1))).rejects.toMatchObject({ code: 'STT_STREAM_RESET' })
    await expect(stream.delivered).rejects.toMatchObject({ code: 'STT_STREAM_RESET' })
  })

  test('an aborted write rejects alone, says what was accepted, and the stream goes on', async () => {
    const streamWindow = 10_000
    const { dialed, accepted } = await connected({ limits: { streamWindow, maxStreamWindow: streamWindow } }, address)
    const stream = await dialed.openStream()
    const controller = new AbortController()
    const blocked = stream.write(pattern(50_000), { signal: controller.signal })
    const next = stream.write(new Uint8Array([1, 2, 3]))
    controller.abort(new Error('changed my mind'))
    const error = await rejection(blocked)
    expect(error).toMatchObject({ code: 'STT_ABORTED', cause: { message: 'changed my mind' } })
    const { accepted: sent } = (error as { details: { accepted: number } }).details
    expect(sent).toBe(streamWindow)
    const reading = first(accepted.streams()).then(collect)
    await next
    await stream.end()
    const received = await reading
    expect(received.length).toBe(sent + 3)
    expect([...received.slice(-3)]).toEqual([1, 2, 3])
  })

  test('waiting calls get chunks in their order, and the last one gets the end', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openStream()
    const reader = stream[Symbol.asyncIterator]()
    const asked = [reader.next(), reader.next(), reader.next()]
    await stream.write(Uint8Array.of(0))
    const answering = await first(accepted.streams())
    await answering.write(Uint8Array.of(1))
    expect(await asked[0]).toEqual({ done: false, value: Uint8Array.of(1) })
    await answering.write(Uint8Array.of(2))
    expect(await asked[1]).toEqual({ done: false, value: Uint8Array.of(2) })
    await answering.end()
    expect(await asked[2]).toEqual({ done: true, value: undefined })
  })

  test('a second reader of one stream is refused', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openStream()
    await stream.write(pattern(1))
    const incoming = await first(accepted.streams())
    incoming[Symbol.asyncIterator]()
    expect(() => incoming[Symbol.asyncIterator]()).toThrow(/read it in one place/)
  })

  test('messages keep their boundaries', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openStream()
    const sent = [pattern(0), pattern(1), pattern(2 * 1024 * 1024), pattern(300)]
    const receiving = first(accepted.streams()).then(async incoming => {
      const messages: Uint8Array[] = []
      for await (const message of incoming.messages()) messages.push(message)
      return messages
    })
    for (const message of sent) await stream.writeMessage(message)
    await stream.end()
    const received = await receiving
    expect(received.map(message => message.length)).toEqual(sent.map(message => message.length))
    expectBytes(received[2]!, sent[2]!)
    await expect(stream.writeMessage(pattern(2 * 1024 * 1024 + 1))).rejects.toMatchObject({
      code: expect.stringMatching(/STT_/),
    })
  })

  test('a stream is a pair of Web Streams', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openStream()
    const file = pattern(400_000)
    const echoing = first(accepted.streams()).then(incoming => incoming.readable.pipeTo(incoming.writable))
    const sending = new Blob([file]).stream().pipeTo(stream.writable)
    const received: Uint8Array[] = []
    for await (const chunk of stream.readable as unknown as AsyncIterable<Uint8Array>) received.push(chunk)
    await Promise.all([sending, echoing])
    expectBytes(Buffer.concat(received), file)
  })

  test('opening waits while the peer allows no more streams, and an abort ends the waiting', async () => {
    const { dialed, accepted } = await connected({ limits: { streams: 1 } }, address)
    const only = await dialed.openStream()
    await only.write(pattern(1))
    const controller = new AbortController()
    const aborted = dialed.openStream({ signal: controller.signal })
    controller.abort()
    expect(await rejection(aborted)).toMatchObject({ code: 'STT_ABORTED' })
    const waiting = dialed.openStream()
    const incoming = await first(accepted.streams())
    await only.end()
    await collect(incoming)
    await incoming.end()
    await collect(only)
    expect((await waiting).id).toBeGreaterThan(only.id)
  })

  test('stopping a stream that is being read ends the reading', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openStream()
    await stream.write(pattern(10))
    const incoming = await first(accepted.streams())
    const reading = collect(incoming)
    incoming.stop(3)
    expect((await reading).length).toBeLessThanOrEqual(10)
    await expect(stream.delivered).rejects.toMatchObject({ code: 'STT_STREAM_STOPPED', details: { code: 3 } })
  })

  test('a message above the limit ends the session with its own code', async () => {
    const { dialed, accepted } = await connected({}, address)
    const stream = await dialed.openStream()
    // A varint of 2 MiB and one byte, as a peer writes that does not keep to the limit.
    await stream.write(Uint8Array.of(0x80, 0x20, 0x00, 0x01))
    const incoming = await first(accepted.streams())
    await expect(collect(incoming.messages())).rejects.toMatchObject({ code: 'STT_PROTOCOL' })
    expect(await accepted.closed).toMatchObject({ by: 'violation', code: CloseCode.MessageTooLarge })
    expect(await dialed.closed).toMatchObject({ by: 'peer', app: false, code: CloseCode.MessageTooLarge })
  })

  test('an idle stream expires where that is wanted', async () => {
    const { dialed, accepted } = await connected({ limits: { streamIdle: 40 } }, address)
    const stream = await dialed.openStream()
    await stream.write(pattern(1))
    const incoming = await first(accepted.streams())
    await expect(collect(incoming)).rejects.toMatchObject({ code: expect.stringMatching(/STT_STREAM_(EXPIRED|RESET)/) })
  })
})
