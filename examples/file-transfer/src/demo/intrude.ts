import { isSttError, Seed, STTNode } from '@stt/node'
import { Command } from 'commander'
import { describe, Failure, runCommand } from '../cli.ts'
import { report } from '../reports.ts'

const options = new Command('intrude')
  .description('Dials a receiver with a seed of its own, which must not let it in.')
  .requiredOption('--to <url>', 'address of the receiver, such as ws://127.0.0.1:40123')
  .requiredOption('--wait <ms>', 'how long to wait for an answer, which a wrong seed never gets', Number)
  .parse()
  .opts<{ to: string; wait: number }>()

await runCommand('intrude', async () => {
  const node = await STTNode.create({ seed: Seed.generate() })
  try {
    await node.connect(options.to, { signal: AbortSignal.timeout(options.wait) })
    await report({ type: 'intruded', code: undefined, message: 'welcome' })
  } catch (error) {
    if (!isSttError(error)) throw error
    return await report({ type: 'intruded', code: error.code, message: describe(error) })
  } finally {
    await node.close()
  }
  throw new Failure('the receiver let in a process that does not hold its seed')
})
