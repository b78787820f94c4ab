import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledProgram, type Host, Network, networksMissing } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PathLine } from '../src/json-lines.ts'
import { pairedMachines, temporaryFolder } from '../test/stt.ts'

const missing = networksMissing()
const RELAY = await bundledProgram(join(import.meta.dirname, '../../relay/src/bin.ts'))
const RELAY_URL = 'ws://198.51.100.2:4000'

/** An internet with a relay and two homes, each behind a router that lets in only answers. */
function homes(network: Network): { readonly relay: Host; readonly hosts: readonly Host[] } {
  const core = network.router('core')
  const relay = network.host('relay')
  network.cable(
    { host: relay, card: 'eth0', addresses: ['198.51.100.2/24'] },
    { host: core, card: 'relay', addresses: ['198.51.100.1/24'] },
  )
  relay.ip('route add default via 198.51.100.1')
  const hosts = ['192.0.2', '203.0.113'].map((wan, i) => {
    const [router, host] = [network.router(`router${i}`), network.host(`host${i}`)]
    network.cable(
      { host: router, card: 'wan', addresses: [`${wan}.2/24`] },
      { host: core, card: `home${i}`, addresses: [`${wan}.1/24`] },
    )
    const lan = `192.168.${i + 1}`
    network.cable(
      { host, card: 'eth0', addresses: [`${lan}.2/24`] },
      { host: router, card: 'lan', addresses: [`${lan}.1/24`] },
    )
    router.ip(`route add default via ${wan}.1`)
    host.ip(`route add default via ${lan}.1`)
    router.translate('wan')
    return host
  })
  return { relay, hosts }
}

async function startRelay(host: Host): Promise<void> {
  const [command, ...words] = [...host.prefix, process.execPath, RELAY, '--listen', 'ws://0.0.0.0:4000', '--open', '--json', '--url', RELAY_URL] // biome-ignore format: one line
  const child = spawn(command!, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
}

describe.skipIf(missing)(missing ? `two homes: SKIPPED, ${missing}` : 'two homes that cannot be reached', () => {
  test('a transfer begins at the relay, goes on directly, and arrives whole', async () => {
    const network = new Network()
    onTestFinished(() => network.remove())
    const { relay, hosts } = homes(network)
    await startRelay(relay)
    const [here, there] = await pairedMachines([RELAY_URL])
    const [from, into] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(join(from, 'file'), randomBytes(12_000_000))
    const receiving = here.start(['receive', 'there', '--into', into, '--json'], { within: hosts[0]!.prefix })
    await receiving.line('listening')
    const sent = await there.run(['send', join(from, 'file'), '--to', 'here', '--limit', '2M', '--json'], {
      within: hosts[1]!.prefix,
    })
    expect([sent.code, await receiving.exit, sent.stderr]).toEqual([0, 0, ''])
    const kinds = sent.lines.filter((line): line is PathLine => line.type === 'path').map(({ kind }) => kind)
    expect([kinds[0], kinds.at(-1)]).toEqual(['relayed', 'direct'])
    expect(readFileSync(join(into, 'file')).equals(readFileSync(join(from, 'file')))).toBe(true)
  })

  test('a connection that began at the relay goes on directly, and loses no byte', async () => {
    const network = new Network()
    onTestFinished(() => network.remove())
    const { relay, hosts } = homes(network)
    await startRelay(relay)
    const [here, there] = await pairedMachines([RELAY_URL])
    const [exposer, forwarder] = [hosts[0]!.prefix, hosts[1]!.prefix]
    // A server behind one router and a client behind the other, each a process of its own there.
    const size = 8_000_000
    const serve = `require('net').createServer(s => { let n = 0; const t = setInterval(() => { s.write(Buffer.alloc(80000, n++ % 251)); if (n === 100) { clearInterval(t); s.end() } }, 40) }).listen(7000, '127.0.0.1', () => console.log('on'))` // biome-ignore format: one line
    const server = spawn(exposer[0]!, [...exposer.slice(1), process.execPath, '-e', serve], { stdio: ['ignore', 'pipe', 'inherit'] }) // biome-ignore format: one line
    onTestFinished(() => void server.kill('SIGKILL'))
    await once(server.stdout, 'data')
    const exposing = here.start(['expose', 'there', 'localhost:7000', '--json'], { within: exposer })
    await exposing.line('listening')
    const forwarding = there.start(['forward', 'here', '7001:localhost:7000', '--json'], { within: forwarder })
    await forwarding.line('forwarding')
    const ask = `let n = 0, right = true; require('net').connect(7001, '127.0.0.1').on('data', b => { for (const x of b) right &&= x === Math.floor(n++ / 80000) % 251 }).on('end', () => console.log(n, right))` // biome-ignore format: one line
    const client = spawn(forwarder[0]!, [...forwarder.slice(1), process.execPath, '-e', ask], { stdio: ['ignore', 'pipe', 'inherit'] }) // biome-ignore format: one line
    const [said] = (await once(client.stdout, 'data')) as [Buffer]
    expect(String(said)).toBe(`${size} true\n`)
    expect(await forwarding.line('connection')).toMatchObject({ outcome: 'ended', received: size })
    const kinds = forwarding.lines.filter((line): line is PathLine => line.type === 'path').map(({ kind }) => kind)
    expect([kinds[0], kinds.at(-1)]).toEqual(['relayed', 'direct'])
    forwarding.child.kill('SIGINT')
    expect(await forwarding.exit).toBe(130)
    expect(await forwarding.line('forwarded')).toMatchObject({ connections: 1, received: size })
  })
})
