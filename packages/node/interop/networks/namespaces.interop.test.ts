import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Network, networksMissing } from '@stt/testing'
import { afterEach, describe, expect, test } from 'vitest'

const missing = networksMissing()
const namespaces = (): string[] =>
  spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .stdout.split('\n')
    .map(line => line.split(' ')[0]!)

describe.skipIf(missing)(missing ? `networks: SKIPPED, ${missing}` : 'networks', () => {
  const network = new Network()
  afterEach(() => network.remove())

  test('the next network removes what a killed run left, and the stopped processes in it', async () => {
    const { pid: ended } = spawnSync('true')
    const left = `stt-${ended}-1-client`
    const ofOthers = `stt-${process.ppid}-1-client`
    for (const name of [left, ofOthers]) spawnSync('ip', ['netns', 'add', name])
    try {
      const stopped = spawn('ip', ['netns', 'exec', left, 'sh', '-c', 'echo here; exec sleep 600'])
      await once(stopped.stdout, 'data')
      stopped.kill('SIGSTOP')
      const exited = once(stopped, 'exit')
      new Network().remove()
      expect(await exited).toEqual([null, 'SIGKILL'])
      expect(namespaces()).not.toContain(left)
      expect(namespaces()).toContain(ofOthers)
    } finally {
      spawnSync('ip', ['netns', 'delete', ofOthers])
    }
  })

  test('a rule counts what it matches until it is removed; a network takes all of its own with it', () => {
    const [one, other] = [network.host('one'), network.host('other')]
    network.cable(
      { host: one, card: 'eth0', addresses: ['10.83.1.1/24', 'fd83:1::1/64'] },
      { host: other, card: 'eth0', addresses: ['10.83.1.2/24', 'fd83:1::2/64'] },
    )
    const send = (address: string): void =>
      void one.run(
        process.execPath,
        '-e',
        `const socket = require('dgram').createSocket('${address.includes(':') ? 'udp6' : 'udp4'}')
         socket.send(Buffer.alloc(300), 9, '${address}', () => socket.close())`,
      )
    const seen = other.count('meta l4proto udp')
    const large = other.drop('meta l4proto udp meta length > 300')
    const small = other.drop('meta l4proto udp meta length < 300')
    for (const address of ['10.83.1.2', 'fd83:1::2']) send(address)
    expect([seen.packets, large.packets, small.packets]).toEqual([2, 2, 0])
    large.remove()
    expect(() => large.packets).toThrow(/nft/)
    expect(() => other.ip('address add nonsense dev eth0')).toThrow(/ip -n/)

    expect(namespaces()).toContain(one.namespace)
    network.remove()
    expect(namespaces()).not.toContain(one.namespace)
  })
})
