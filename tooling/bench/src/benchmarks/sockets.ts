import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Benchmark, Contestant, Row } from '../benchmark.ts'

/** What a datagram costs who sends it, on a socket that is connected to its peer and on one that is not. */
export function benchmarks(): readonly Benchmark[] {
  return [
    {
      title: `Sending ${SIZE.toLocaleString('en-US')} bytes on node:dgram`,
      unit: 'µs of CPU',
      better: 'lower',
      reference: 'connected',
      rows: destinations().map(rowTo),
      notes: [
        'Processor time, user and system, of the sending process for each datagram, over loopback to a socket that nobody reads',
      ],
    },
  ]
}

/** Every kind of address that this machine has on loopback; a zone is looked up for each datagram. */
function destinations(): readonly string[] {
  const found = Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ address }) => address === '::1'))
  return found ? ['127.0.0.1', '::1', `::1%${found[0]}`] : ['127.0.0.1']
}

const rowTo = (address: string): Row => ({
  name: address,
  contestants: [
    sender('connected', address, { isConnected: true, looksUp: false }),
    sender('unconnected', address, { isConnected: false, looksUp: false }),
    sender('unconnected, Node’s look-up', address, { isConnected: false, looksUp: true }),
  ],
})

interface Kind {
  readonly isConnected: boolean
  /** Whether Node looks the address up for each datagram, as it does unless told otherwise. */
  readonly looksUp: boolean
}

function sender(name: string, address: string, kind: Kind): Contestant {
  let opened: { readonly sink: Sink; readonly socket: Socket; readonly send: Send } | undefined
  return {
    name,
    async measure() {
      if (!opened) {
        const sink = await openSink(address)
        const { port } = sink
        const socket = await openSocket(address, port, kind)
        const send: Send = kind.isConnected
          ? onSent => socket.send(DATAGRAM, 0, SIZE, onSent)
          : onSent => socket.send(DATAGRAM, 0, SIZE, port, address, onSent)
        opened = { sink, socket, send }
        await sendAll(send, WARM_UP)
      }
      const before = process.cpuUsage()
      await sendAll(opened.send, COUNT)
      const { user, system } = process.cpuUsage(before)
      return (user + system) / COUNT
    },
    async close() {
      opened?.socket.close()
      await opened?.sink.close()
    },
  }
}

type Send = (onSent: () => void) => void

async function openSocket(address: string, port: number, { isConnected, looksUp }: Kind): Promise<Socket> {
  const type = address.includes(':') ? 'udp6' : 'udp4'
  const socket = looksUp
    ? createSocket(type)
    : createSocket({ type, lookup: (ip, _options, callback) => callback(null, ip, type === 'udp6' ? 6 : 4) })
  // Where nothing is looked up both may be done before the call returns.
  await new Promise<void>(resolve => socket.bind(0, resolve))
  if (isConnected) await new Promise<void>(resolve => socket.connect(port, address, resolve))
  return socket
}

/** Sends `count` datagrams, some of them in each turn, as a congestion window does. */
function sendAll(send: Send, count: number): Promise<void> {
  return new Promise(resolve => {
    let left = count
    let outstanding = 0
    const onSent = (): void => {
      if (--outstanding > 0) return
      if (left === 0) resolve()
      else setImmediate(burst)
    }
    const burst = (): void => {
      for (; outstanding < BURST && left > 0; left--) {
        outstanding++
        send(onSent)
      }
    }
    burst()
  })
}

interface Sink {
  readonly port: number
  close(): Promise<unknown>
}

/** A socket of a thread that sleeps: what comes there costs no processor time but the kernel's, which is the sender's. */
async function openSink(address: string): Promise<Sink> {
  const worker = new Worker(SLEEPER, { eval: true, workerData: address })
  const [port] = (await once(worker, 'message')) as [number]
  return { port, close: () => worker.terminate() }
}

const SLEEPER = `
const { parentPort, workerData: address } = require('node:worker_threads')
const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4')
socket.bind(0, address, () => {
  parentPort.postMessage(socket.address().port)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
`

const SIZE = 1_452
const DATAGRAM = new Uint8Array(SIZE)
const BURST = 16
const WARM_UP = 50_000
const COUNT = 100_000
