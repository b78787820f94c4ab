import { isSttError } from '@stt/errors'
import { describe, expect, test } from 'vitest'
import { Network, type TestNode, typeOf } from '../../test/network.ts'
import { originOf } from '../../test/origins.ts'
import { identityOf } from '../../test/support.ts'
import { MessageType } from '../message-type.ts'

const UDP = ['udp://10.0.0.1:1001', 'udp://10.0.0.2:4433'] as const
const WS = ['ws://10.0.0.1:1001', 'ws://10.0.0.2:80'] as const

const failureOf = ({ events }: TestNode): { code: string; message: string } | undefined => {
  const failed = events.find(event => event.type === 'failed')
  return failed?.type === 'failed' ? failed.error : undefined
}

describe('a node that dials itself', () => {
  test('over a message link: the dial ends as soon as its HELLO comes in at its own listener', () => {
    const network = new Network()
    const node = network.add(WS[0])
    node.manager.initiate(originOf(WS[0]), {}, network.now)
    network.settle()
    expect(failureOf(node)).toMatchObject({
      code: 'STT_PEER_REFUSED',
      message: expect.stringContaining('this node itself'),
    })
    expect(node.manager.getStatistics()).toMatchObject({ dialing: 0, pending: 0, dropped: { ownKey: 1 } })
  })

  test('over UDP: as soon as its HELLO comes from where the dial sends from', () => {
    const network = new Network()
    const node = network.add(UDP[0])
    node.manager.initiate(originOf(UDP[1]), { localAddress: 'udp://10.0.0.1:50123' }, network.now)
    network.settle()
    network.inject('udp://10.0.0.1:50123', node, network.sent[0]!.bytes)
    expect(failureOf(node)).toMatchObject({
      code: 'STT_PEER_REFUSED',
      message: expect.stringContaining('this node itself'),
    })
  })

  test('over UDP a copy from elsewhere, and a HELLO that only names the id, end nothing', () => {
    const network = new Network()
    const client = network.add(UDP[0])
    const server = network.add(UDP[1])
    network.passes = () => false
    const run = client.manager.initiate(originOf(UDP[1]), { localAddress: 'udp://10.0.0.1:50123' }, network.now)
    network.settle()
    const hello = network.sent[0]!.bytes
    network.inject('udp://10.6.6.6:50123', client, hello)
    const forged = hello.slice()
    forged[1_190]! ^= 1
    network.inject('udp://10.0.0.1:50123', client, forged)
    expect(run.state).toBe('pending')
    expect(client.manager.failureOf(run)?.message).toContain('this node itself')
    network.passes = () => true
    network.advance(600)
    expect(run.state).toBe('complete')
    expect(server.events).toHaveLength(1)
  })

  test('once a peer has answered, a copy of the HELLO ends nothing', () => {
    const network = new Network()
    const client = network.add(WS[0])
    network.add(WS[1])
    network.passes = message => typeOf(message) !== MessageType.Final
    const run = client.manager.initiate(originOf(WS[1]), {}, network.now)
    network.settle()
    expect(run.answered).toBe(true)
    network.inject(WS[1], client, network.sent[0]!.bytes)
    expect(run.state).toBe('pending')
  })
})

describe.each([
  ['a message link', WS],
  ['UDP', UDP],
])('over %s', (_name, [near, far]) => {
  // spec: STT-HS-20
  test('a node with a copy of this identity ends the dial at once', () => {
    const network = new Network()
    const client = network.add(near, { identity: identityOf('twins') })
    network.add(far, { identity: identityOf('twins') })
    client.manager.initiate(originOf(far), {}, network.now)
    network.settle()
    expect(failureOf(client)).toMatchObject({
      code: 'STT_PEER_REFUSED',
      message: expect.stringContaining('copy of its identity'),
    })
  })
})

// spec: STT-HS-39
describe('another node than the one asked for', () => {
  const asksForAnother = (addresses: readonly [string, string]) => {
    const network = new Network()
    const client = network.add(addresses[0])
    network.add(addresses[1])
    const run = client.manager.initiate(originOf(addresses[1]), { expectedPeer: identityOf('another').id }, network.now)
    network.settle()
    return { network, client, run }
  }

  test('over a message link it ends the dial at once: no other node can answer there', () => {
    const { client } = asksForAnother(WS)
    expect(failureOf(client)).toMatchObject({
      code: 'STT_PEER_REFUSED',
      message: expect.stringContaining('another node'),
    })
  })

  test('over UDP the right node may still answer: the dial waits, and says so when it gives up', () => {
    const { network, client, run } = asksForAnother(UDP)
    expect(run.state).toBe('pending')
    expect(isSttError(client.manager.failureOf(run), 'STT_PEER_REFUSED')).toBe(true)
    network.advance(10_000)
    expect(failureOf(client)).toMatchObject({
      code: 'STT_PEER_REFUSED',
      message: expect.stringContaining('another node'),
    })
    expect(client.manager.failureOf(run)).toBeUndefined()
  })
})
