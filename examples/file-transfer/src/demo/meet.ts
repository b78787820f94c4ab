import { networkInterfaces } from 'node:os'
import { performance } from 'node:perf_hooks'
import { startLan } from '@stt/lan'
import { type NodeOptions, STTNode, toHex } from '@stt/node'
import { Command } from 'commander'
import { runCommand } from '../cli.ts'
import { report } from '../reports.ts'
import { readSeedFile } from '../seed-file.ts'

const options = new Command('meet')
  .description('Is there for others of its seed, or finds one of them, without any address.')
  .requiredOption('--seed-file <path>', 'file with the seed that both hold')
  .option('--relay <url>', 'a relay that both reach; without it they meet by mDNS on the loopback interface')
  .option('--seek <ms>', 'find somebody, within this time; without it this one waits to be found', Number)
  .parse()
  .opts<{ seedFile: string; relay?: string; seek?: number }>()

await runCommand('meet', async () => {
  const seed = await readSeedFile(options.seedFile)
  const node = await STTNode.create({ seed, ...meetingPlace(options.relay, options.seek !== undefined) })
  try {
    if (options.seek === undefined) await beFound(node)
    else await find(node, options.seek)
  } finally {
    await node.close()
  }
})

/** Where this one meets others. Only who is to be found listens. */
function meetingPlace(relay: string | undefined, seeks: boolean): Partial<NodeOptions> {
  if (relay !== undefined) return { relays: [relay], paths: { relay: 'only' }, ...(seeks && { listen: [] }) }
  const loopback = Object.entries(networkInterfaces()).find(([, all]) => all?.some(each => each.internal))
  const discovery = { lan: { startLan, interfaces: loopback ? [loopback[0]] : [] } }
  return { discovery, ...(!seeks && { listen: ['udp://127.0.0.1:0'] }) }
}

async function beFound(node: STTNode): Promise<void> {
  await report({ type: 'present', id: toHex(node.id) })
  for await (const session of node.sessions()) {
    for await (const stream of session.streams()) {
      const text = new TextDecoder().decode(await stream.readAll({ maxBytes: 1_000 }))
      return await report({ type: 'greeted', by: toHex(session.peer.id), text })
    }
  }
}

async function find(node: STTNode, within: number): Promise<void> {
  const begun = performance.now()
  const session = await node.connect({ signal: AbortSignal.timeout(within) })
  const took = performance.now() - begun
  const stream = await session.openStream()
  await stream.write(new TextEncoder().encode('hello'))
  await stream.end()
  const { path } = session
  await session.close()
  const [id, by] = [session.peer.id, node.id].map(toHex) as [string, string]
  await report({ type: 'found', id, by, took, relayed: path?.relayed === true })
}
