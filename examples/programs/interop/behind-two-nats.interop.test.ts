import { Network, networksMissing } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { internet, relayAt } from '../../../packages/node/interop/networks/internet.ts'
import { Program } from '../test/program.ts'

const missing = networksMissing()
const name = missing ? `NATs: SKIPPED, ${missing}` : 'behind real NATs'

describe.skipIf(!!missing)(name, () => {
  test('behind two NATs: the session begins at the relay and goes on directly', async () => {
    const network = new Network()
    onTestFinished(() => network.remove())
    const { relays, sides } = internet(network, ['home', 'home'])
    const relay = await Program.startRelay(['--listen', 'ws://0.0.0.0:4000', '--open', '--url', relayAt(0)], {
      host: relays[0]!,
    })
    await relay.printed(/4000/)
    const waiting = await Program.start('behind-two-nats', ['wait', relayAt(0)], { host: sides[0].host })
    await waiting.printed(/listening/)
    const calling = await Program.start('behind-two-nats', ['call', relayAt(0)], { host: sides[1].host })
    await calling.printed(/^connected by the relay$/m)
    await Promise.all([calling.printed(/^now directly, over udp$/m), waiting.printed(/^now directly, over udp$/m)])
    calling.end('still there?\n')
    expect(await calling.ended).toBe(0)
    expect(calling.stdout).toContain('the other side: still there?\n')
  })
})
