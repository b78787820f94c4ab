import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Host, Network, networksMissing } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PathLine } from '../src/json-lines.ts'
import { pairedMachines, type Run, temporaryFolder } from '../test/stt.ts'

const missing = networksMissing()

/** Two machines with a router between them, and a transfer from one to the other that takes some seconds. */
class Moving {
  readonly router: Host
  readonly near: Host
  readonly far: Host
  readonly #from = temporaryFolder()
  readonly #into = temporaryFolder()
  receiving!: Run
  sending!: Run

  constructor() {
    const network = new Network()
    onTestFinished(() => network.remove())
    this.router = network.router('router')
    ;[this.near, this.far] = [network.host('near'), network.host('far')]
    for (const [host, net, card] of [
      [this.near, '10.83.1', 'near'],
      [this.far, '10.83.2', 'far'],
    ] as const) {
      network.cable(
        { host, card: 'eth0', addresses: [`${net}.2/24`] },
        { host: this.router, card, addresses: [`${net}.1/24`] },
      )
      host.ip(`route add default via ${net}.1`)
    }
  }

  /** Resolves when some of it is there. */
  async begin(): Promise<void> {
    const [here, there] = await pairedMachines()
    writeFileSync(join(this.#from, 'file'), randomBytes(SIZE))
    const listen = ['udp', 'ws'].flatMap(scheme => ['--listen', `${scheme}://0.0.0.0:4000`])
    this.receiving = here.start(['receive', 'there', '--into', this.#into, '--json', ...listen], { within: this.far.prefix }) // biome-ignore format: one line
    await this.receiving.line('listening')
    const addresses = ['udp', 'ws'].flatMap(scheme => ['--address', `${scheme}://10.83.2.2:4000`])
    const words = ['send', join(this.#from, 'file'), '--to', 'here', '--limit', '1500k', ...addresses]
    this.sending = there.start(words, { within: this.near.prefix })
    await expect.poll(() => this.#bytesThere(), PATIENCE).toBeGreaterThan(SIZE / 5)
    expect(this.#bytesThere()).toBeLessThan(SIZE)
  }

  /** Resolves when all of it is there: by the same two commands, neither of which was started again. */
  async end(): Promise<void> {
    expect([await this.sending.exit, await this.receiving.exit]).toEqual([0, 0])
    expect(readFileSync(join(this.#into, 'file')).equals(readFileSync(join(this.#from, 'file')))).toBe(true)
    const { receivedBytes } = await this.receiving.line('received')
    const before = this.receiving.lines.flatMap(line => (line.type === 'broken' ? [line.receivedBytes] : []))
    expect(before.reduce((sum, bytes) => sum + bytes, receivedBytes) - SIZE).toBeLessThanOrEqual(8 * 1_048_576)
  }

  /** The carriers of the session at the receiver, each time that they changed. */
  get carriers(): string[] {
    const all = this.receiving.lines.filter((line): line is PathLine => line.type === 'path')
    return all.map(({ carrier }) => carrier).filter((each, i, list) => each !== list[i - 1])
  }

  get hasBroken(): boolean {
    return this.receiving.lines.some(({ type }) => type === 'broken') || this.sending.stderr.includes('dialing again')
  }

  #bytesThere(): number {
    return this.receiving.lines.reduce(
      (most, line) => (line.type === 'progress' ? Math.max(most, line.bytes) : most),
      0,
    )
  }
}

describe.skipIf(missing)(missing ? `a network that changes: SKIPPED, ${missing}` : 'a network that changes', () => {
  test('UDP is lost in the middle: the session goes on over its WebSocket', async () => {
    const moving = new Moving()
    await moving.begin()
    moving.router.drop('meta l4proto udp')
    await moving.end()
    expect([moving.carriers, moving.hasBroken]).toEqual([['udp', 'websocket'], false])
  })

  test('the sender gets another address in the middle: its session goes on', async () => {
    const moving = new Moving()
    await moving.begin()
    moving.near.ip('address flush dev eth0', 'address add 10.83.1.77/24 dev eth0', 'route add default via 10.83.1.1')
    await moving.end()
    expect(moving.hasBroken).toBe(false)
  })

  test('the network is gone for longer than a session lives: the same command dials again, and goes on', async () => {
    const moving = new Moving()
    await moving.begin()
    const cut = moving.router.drop('')
    await expect.poll(() => moving.sending.stderr, PATIENCE).toContain('ended, dialing again')
    cut.remove()
    await moving.end()
    // What was there by then was not sent again.
    expect(moving.hasBroken).toBe(true)
  })
})

const SIZE = 9_000_000
/** The last is for a session that has to end by silence. */
const PATIENCE = { timeout: 120_000, interval: 50 }
