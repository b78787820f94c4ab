import { type BindOptions, Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { isSttError } from '@stt/errors'
import { createRandom, linkSuite, measureMemory, untilInRealTime } from '@stt/testing'
import { describe, expect, test, vi } from 'vitest'
import { bindRaw, closeLater, dial, listen, portOf } from '../test/sockets.ts'
import { listenUdp } from './listen-udp.ts'
import { DatagramLink, type UdpLink } from './udp-link.ts'
import { UdpSocket } from './udp-socket.ts'

const hasIPv6 = Object.values(networkInterfaces()).some(addresses =>
  addresses?.some(({ address }) => address === '::1'),
)

/** A dialed link and the listener's link for it. */
async function connected(host: string, maxPacketSize?: number): Promise<{ a: UdpLink; b: UdpLink }> {
  const options = maxPacketSize === undefined ? {} : { maxPacketSize }
  const listener = await listen({ host, ...options })
  const a = await dial(listener.address, options)
  let b: UdpLink | undefined
  listener.onPacket = (packet, link) => {
    b ??= link
    if (b.isSame!(link) && b !== link) b.onPacket(packet)
  }
  a.send(Uint8Array.of(0))
  await untilInRealTime(() => b !== undefined)
  return { a, b: b! }
}

for (const [name, host, size] of [
  ['IPv4 with large datagrams', '127.0.0.1', undefined],
  ['IPv4 with 1,200 bytes', '127.0.0.1', 1_200],
  ['IPv6', '::1', undefined],
] as const) {
  if (host === '::1' && !hasIPv6) {
    test.skip('IPv6: this machine has no ::1')
    continue
  }
  linkSuite(`udp ${name}`, async () => ({
    ...(await connected(host, size)),
    until: untilInRealTime,
    cleanup: async () => {},
  }))
}

describe('listenUdp', () => {
  // spec: STT-REC-41
  test('each datagram comes with a link to where it came from, and all of one address are the same', async () => {
    const listener = await listen()
    const arrived: { readonly value: number; readonly link: UdpLink }[] = []
    listener.onPacket = (packet, link) => {
      arrived.push({ value: packet[0]!, link })
      link.send(Uint8Array.of(packet[0]! + 100))
    }
    const [client, another] = [await dial(listener.address), await dial(listener.address)]
    const answers: number[] = []
    client.onPacket = packet => answers.push(packet[0]!)
    for (const value of [1, 2]) {
      client.send(Uint8Array.of(value))
      await untilInRealTime(() => answers.length === value)
    }
    another.send(Uint8Array.of(3))
    await untilInRealTime(() => arrived.length === 3)
    expect(answers).toEqual([101, 102])
    const [first, second, other] = arrived.map(({ link }) => link) as [UdpLink, UdpLink, UdpLink]
    expect([first === second, first.isSame!(second), first.isSame!(other), first.isSame!(client)]).toEqual([
      false,
      true,
      false,
      false,
    ])
    expect([first.remote, first.local]).toEqual([client.local, listener.address])

    first.close()
    first.send(Uint8Array.of(9))
    second.send(Uint8Array.of(10))
    await untilInRealTime(() => answers.length === 3)
    expect(answers.at(-1)).toBe(10)
    expect(listener.getStatistics()).toMatchObject({ packetsReceived: 3 })
  })

  // spec: STT-REC-41
  // Only Linux has all of 127.0.0.0/8 without being asked.
  test.skipIf(process.platform !== 'linux')('a flood of strangers leaves the memory as it was', async () => {
    const listener = await listen()
    const senders = await Promise.all(
      Array.from({ length: 64 }, (_, i) => dial(listener.address, { localHost: `127.0.1.${i + 1}` })),
    )
    const garbage = createRandom(1).bytes(64)
    const flood = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += senders.length) {
        const before = listener.getStatistics().packetsReceived
        for (const sender of senders) sender.send(garbage)
        await untilInRealTime(() => listener.getStatistics().packetsReceived > before)
      }
    }
    await flood(640)
    const before = await measureMemory()
    await flood(6_400)
    expect(await measureMemory()).toBeLessThan(before * 1.1)
    expect(senders.every(sender => sender.getStatistics().packetsReceived === 0)).toBe(true)
  })

  test('one socket carries many links, each to its own peer', async () => {
    const listener = await listen()
    listener.onPacket = (packet, link) => link.send(packet)
    const echoed = new Map<number, number>()
    for (let i = 0; i < 50; i++) {
      const client = await dial(listener.address)
      client.onPacket = packet => {
        expect(packet[0]).toBe(i)
        echoed.set(i, (echoed.get(i) ?? 0) + 1)
        if (echoed.get(i) === 1) client.send(Uint8Array.of(i))
      }
      client.send(Uint8Array.of(i))
    }
    await untilInRealTime(() => [...echoed.values()].filter(count => count === 2).length === 50)
  })

  test('says why it cannot listen', async () => {
    const { address } = await listen()
    const port = portOf(address)
    await expect(listenUdp({ host: '127.0.0.1', port })).rejects.toSatisfy(
      error => isSttError(error, 'STT_ADDRESS_IN_USE') && error.message.includes(`${port}`),
    )
    await expect(listenUdp({ host: '192.0.2.1' })).rejects.toSatisfy(
      error => isSttError(error, 'STT_LISTEN_FAILED') && error.message.includes('no interface'),
    )
    await expect(listenUdp({ port: 70_000 })).rejects.toSatisfy(error => isSttError(error, 'STT_INVALID_ARGUMENT'))
    await expect(listenUdp({ maxPacketSize: 100 })).rejects.toSatisfy(e => isSttError(e, 'STT_INVALID_ARGUMENT'))
    await expect(listenUdp({ probeUpTo: 70_000 })).rejects.toThrow(/probeUpTo is 70000/)
  })

  test('closing frees the port, and what its links are given then goes nowhere', async () => {
    const listener = await listen()
    const link = listener.link({ address: '127.0.0.1', port: 9 })
    await listener.close()
    expect(link.send(Uint8Array.of(1))).toBe(true)
    expect(listener.getStatistics().packetsSent).toBe(0)
    expect(() => listener.link({ address: '127.0.0.1', port: 9 })).toThrow(/closed/)
    await listen({ port: portOf(listener.address) })
  })

  test('a close hands over what was sent just before', async () => {
    const receiver = await listen()
    let received = 0
    receiver.onPacket = () => received++
    const client = await dial(receiver.address)
    for (let i = 0; i < 100; i++) client.send(new Uint8Array(500))
    await client.close()
    await untilInRealTime(() => received === 100)
  })
})

// spec: STT-REC-30
test('packets are 1,200 bytes, probes look for those of Ethernet, loopback has more, and what was asked for holds anywhere', async () => {
  const listener = await listen({ host: '0.0.0.0' })
  const elsewhere = { address: '192.0.2.1', port: 9 }
  expect(listener.link(elsewhere)).toMatchObject({ basePacketSize: 1_200, maxPacketSize: 1_452 })
  const pinned = await listen({ host: '0.0.0.0', maxPacketSize: 1_300 })
  expect(pinned.link(elsewhere)).toMatchObject({ basePacketSize: 1_300, maxPacketSize: 1_300 })
  expect(listener.link({ address: '127.0.0.1', port: 9 }).maxPacketSize).toBe(61_440)
  const chosen = await listen({ host: '0.0.0.0', maxPacketSize: 1_452 })
  for (const address of ['192.0.2.1', '127.0.0.1']) {
    expect(chosen.link({ address, port: 9 }).maxPacketSize).toBe(1_452)
  }
  const probing = await listen({ host: '0.0.0.0', probeUpTo: 8_952 })
  expect(probing.link(elsewhere)).toMatchObject({ basePacketSize: 1_200, maxPacketSize: 8_952 })
  expect(probing.link({ address: '127.0.0.1', port: 9 })).toMatchObject({
    basePacketSize: 61_440,
    maxPacketSize: 61_440,
  })
})

describe('what is lost', () => {
  test('a datagram that claims to come from port 0 is dropped: answering it would throw', async () => {
    const socket = await bindRaw()
    const receiver = new UdpSocket(socket)
    closeLater(() => receiver.close())
    const ports: number[] = []
    receiver.onDatagram = (_, remote) => ports.push(remote.port)
    for (const port of [0, 9])
      socket.emit('message', Buffer.from([1]), { address: '127.0.0.1', port, family: 'IPv4', size: 1 })
    expect(ports).toEqual([9])
    expect(receiver.getStatistics().droppedBadSource).toBe(1)
    const listener = await listen()
    for (const remote of [
      { address: '127.0.0.1', port: 0 },
      { address: 'localhost', port: 9 },
    ]) {
      expect(() => listener.link(remote)).toThrow(expect.toSatisfy(error => isSttError(error, 'STT_BAD_ADDRESS')))
    }
  })

  // spec: STT-REC-40
  test('a closed port and a datagram too large are losses, counted, and the link lives on', async () => {
    const victim = await bindRaw()
    const { port } = victim.address()
    victim.close()
    await once(victim, 'close')
    const client = await dial(`udp://127.0.0.1:${port}`, { maxPacketSize: 1_200 })
    let told = 0
    client.onClose = client.onUnreachable = () => told++
    for (let sent = 1; sent <= 3; sent++) {
      client.send(new Uint8Array(10))
      await untilInRealTime(() => client.getStatistics().outstanding === 0)
    }
    client.send(new Uint8Array(65_508))
    expect(client.getStatistics()).toMatchObject({ packetsSent: 3, droppedTooLarge: 1 })
    expect(told).toBe(0)

    const revived = await listen({ port })
    let received = 0
    revived.onPacket = () => received++
    await untilInRealTime(() => {
      client.send(new Uint8Array(10))
      return received > 0
    })
  })

  // spec: STT-REC-40
  test.each(['EACCES', 'ENETUNREACH', 'EMSGSIZE'])(
    '%s, at once or later, is a loss without other effects',
    async code => {
      const socket = await bindRaw()
      const failure = Object.assign(new Error(code), { code })
      let later = false
      socket.send = ((...parameters: unknown[]) => {
        if (!later) throw failure
        setImmediate(parameters.at(-1) as (error: Error) => void, failure)
      }) as typeof socket.send
      const sender = new UdpSocket(socket)
      const link = new DatagramLink(sender, { address: '127.0.0.1', port: 9 }, {})
      link.send(new Uint8Array(10))
      await untilInRealTime(() => sender.getStatistics().sendErrors[code] === 1)
      later = true
      link.send(new Uint8Array(10))
      await untilInRealTime(() => sender.getStatistics().sendErrors[code] === 2)
      expect(sender.getStatistics().outstanding).toBe(0)
      socket.emit('error', failure)
      expect(sender.getStatistics().sendErrors[code]).toBe(3)
      await sender.close()
    },
  )

  test('a system that grants no buffer, and does not say what it has, is no failure', async () => {
    const socket = await bindRaw()
    const refuse = (): never => {
      throw Object.assign(new Error('uv_recv_buffer_size returned EINVAL'), { code: 'ERR_SOCKET_BUFFER_SIZE' })
    }
    Object.assign(socket, { setRecvBufferSize: refuse, getRecvBufferSize: refuse })
    const receiver = new UdpSocket(socket)
    expect(receiver.getStatistics().receiveBuffer).toEqual({ requested: 4_194_304, granted: 0 })
    await receiver.close()
  })

  test.each([
    ['is freed once the packet is handled', 0, 0],
    ['stays if the socket has another listener, which may have kept it', 1, 60_000],
  ])('the memory of a large datagram %s', async (_, others, left) => {
    const [socket, other] = [await bindRaw(), await bindRaw()]
    const receiver = new UdpSocket(socket)
    let given: Uint8Array | undefined
    receiver.onDatagram = packet => {
      given = packet
    }
    for (let i = 0; i < others; i++) socket.on('message', () => {})
    other.send(new Uint8Array(60_000), socket.address().port, '127.0.0.1')
    await untilInRealTime(() => given !== undefined)
    expect(given).toHaveLength(left)
    await receiver.close()
    other.close()
  })

  test('a sender that ignores backpressure loses datagrams, not memory', async () => {
    const listener = await listen()
    const client = await dial(listener.address)
    const packet = new Uint8Array(1_000)
    for (let i = 0; i < 10_000; i++) client.send(packet)
    const { droppedOverflow, outstanding } = client.getStatistics()
    expect(outstanding).toBeLessThanOrEqual(512)
    expect(droppedOverflow).toBe(10_000 - outstanding)
  })
})

test('a socket is not shared between the workers of a cluster', async () => {
  const binding = vi.spyOn(Socket.prototype, 'bind')
  const listener = await listen()
  await dial(listener.address)
  expect(binding.mock.calls.map(([options]) => (options as BindOptions).exclusive)).toEqual([true, true, true])
  binding.mockRestore()
})

test('the kernel buffers that were asked for are on record, granted or not', async () => {
  const listener = await listen({ receiveBufferSize: 2 ** 31 - 1 })
  const { receiveBuffer, sendBuffer } = listener.getStatistics()
  expect(receiveBuffer.requested).toBe(2 ** 31 - 1)
  expect(receiveBuffer.granted).toBeGreaterThan(0)
  expect(sendBuffer.requested).toBe(4_194_304)
})
