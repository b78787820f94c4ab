import { join } from 'node:path'
import { bundledProgram, type Host, Network } from '@stt/testing'
import { type TestAPI, test } from 'vitest'
import { Seed } from '../../src/index.ts'
import type { NodeSetup } from './commands.ts'
import { Meeting } from './meeting.ts'
import { Peer } from './peer.ts'
import { type Places, UDP4, UDP6, WS4, WS6 } from './places.ts'

const PROGRAM = await bundledProgram(join(import.meta.dirname, 'peer-process.ts'))

/** A network with peer processes in it, which share a seed. It ends with its test. */
export class Lab {
  readonly network: Network = new Network()
  readonly seed: Seed = Seed.generate()
  readonly #peers: Peer[] = []

  /**
   * @param flags of Node, for the process
   * @param seed the one that all of the lab share unless given
   */
  start(host: Host, flags: readonly string[] = [], seed: Seed = this.seed): Peer {
    const peer = new Peer(host, PROGRAM, seed.toHex(), flags)
    this.#peers.push(peer)
    return peer
  }

  /** A listener at the server and a dialer at the client, with a session. */
  async meet({ client, server }: Places, dialed: readonly string[], setup: MeetingSetup = {}): Promise<Meeting> {
    const { listened = EVERYWHERE, flags, ...options } = setup
    const [listener, dialer] = [this.start(server, flags), this.start(client, flags)]
    await listener.do('listen', { addresses: listened, identity: LISTENER, ...options })
    const { took } = await dialer.do('connect', { addresses: dialed, ...options })
    await listener.event(({ event }) => event === 'session' || undefined)
    return new Meeting(dialer, listener, took)
  }

  /** What the processes said, for who looks why a test failed. */
  get log(): string {
    return this.#peers.map(peer => peer.log).join('\n')
  }

  async remove(): Promise<void> {
    for (const peer of this.#peers) peer.kill()
    await Promise.all(this.#peers.map(peer => peer.exited))
    this.network.remove()
  }
}

/** What both nodes are made with, and: */
export interface MeetingSetup extends NodeSetup {
  /** Where the listener listens; each carrier and family unless given. */
  readonly listened?: readonly string[]
  /** Of Node, for both processes. */
  readonly flags?: readonly string[]
}

export const EVERYWHERE: readonly string[] = [UDP4, UDP6, WS4, WS6]
/** The private key of the listener, so that it can be started again as the same node. */
export const LISTENER: string = '5c'.repeat(32)

/** A test that has a lab. */
export const scenario: TestAPI<{ lab: Lab }> = test.extend<{ lab: Lab }>({
  lab: async ({ onTestFailed }, use) => {
    const lab = new Lab()
    onTestFailed(() => console.log(lab.log))
    try {
      await use(lab)
    } finally {
      await lab.remove()
    }
  },
})
