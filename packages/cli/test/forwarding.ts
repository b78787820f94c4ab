import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Machine, pairedMachines, type Run } from './stt.ts'

/** A TCP server of this test. @returns its port */
export async function serverOf(onSocket: (socket: Socket) => void, host = '127.0.0.1', port = 0): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  return portOf(server, host, port)
}

/**
 * A port that drops packets, as a firewall does: its queue of connections is full and never accepted.
 *
 * @returns its port
 */
export async function swallowerAt(host: string): Promise<number> {
  const listener = spawn('python3', ['-c', SWALLOWER, host], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void listener.kill('SIGKILL'))
  const [said] = (await once(listener.stdout, 'data')) as [Buffer]
  return Number(said)
}

/** Its queue holds one connection, which it makes itself. */
const SWALLOWER = `
import signal, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
listener = socket.socket(family)
listener.bind((sys.argv[1], 0))
listener.listen(0)
client = socket.create_connection(listener.getsockname()[:2])
print(listener.getsockname()[1], flush=True)
signal.pause()
`

/** Starts any server, on any port, until the test is over. */
export async function portOf(server: Server, host = '127.0.0.1', wanted = 0): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => sockets.add(socket))
  server.listen(wanted, host)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

export interface Tunnel {
  readonly exposing: Run
  readonly forwarding: Run
  /** Local ports, in the order of the targets. */
  readonly ports: readonly number[]
  readonly machines: readonly [Machine, Machine]
  /** Where the exposing side listens. */
  readonly address: string
}

/** `stt expose` on one machine and `stt forward` on another, once both are ready. */
export async function tunnelTo(
  targets: readonly string[],
  dialed: (address: string) => Promise<string> | string = address => address,
): Promise<Tunnel> {
  const machines = await pairedMachines()
  const [exposer, forwarder] = machines
  const exposing = exposer.start(['expose', 'there', ...targets, '--listen', 'ws://127.0.0.1:0', '--json'])
  const { addresses } = await exposing.line('listening')
  const address = addresses[0]!
  const words = targets.map(target => `0:${target}`)
  const forwarding = forwarder.start(['forward', 'here', ...words, '--address', await dialed(address), '--json'])
  const ports: number[] = []
  for (const target of targets) {
    const { local } = await forwarding.line(
      'forwarding',
      line => line.target === target.toLowerCase().replace('0:0:0:0:0:0:0:1', '::1'),
    )
    ports.push(Number(local.split(':').at(-1)))
  }
  return { exposing, forwarding, ports, machines, address }
}
