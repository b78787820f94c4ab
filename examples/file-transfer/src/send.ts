import { performance } from 'node:perf_hooks'
import { STTNode } from '@stt/node'
import { Command } from 'commander'
import { runCommand } from './cli.ts'
import { describeRate, describeSize } from './format.ts'
import { progressBar } from './progress.ts'
import { report } from './reports.ts'
import { readSeedFile } from './seed-file.ts'
import { sessionReport } from './session-report.ts'
import { openSource, type SourceFile, sendFile } from './transfer.ts'
import { LIMITS } from './transports.ts'

const command = new Command('send')
  .description('Sends one file to a receiver that holds the same seed.')
  .argument('<file>', 'the file to send')
  .requiredOption('--seed-file <path>', 'file with the shared seed, 64 hex digits')
  .requiredOption('--to <url>', 'address of the receiver, such as ws://127.0.0.1:40123')
  .parse()

const options = command.opts<{ seedFile: string; to: string }>()
const [path = ''] = command.args

await runCommand('send', async () => {
  const source = await openSource(path)
  try {
    await send(source)
  } finally {
    await source.handle.close()
  }
})

async function send(source: SourceFile): Promise<void> {
  const node = await STTNode.create({ seed: await readSeedFile(options.seedFile), limits: LIMITS })
  try {
    const dialed = performance.now()
    const session = await node.connect(options.to)
    const handshakeMs = performance.now() - dialed
    const pingMs = await session.ping()

    const bar = progressBar(source.size)
    const started = performance.now()
    const hash = await sendFile(session, source, bar.update).finally(bar.stop)
    const transferMs = performance.now() - started

    // A short file ends before its key rotation is acknowledged: one more round trip carries it through.
    await session.ping()
    const { size } = source
    await report({ type: 'sent', size, hash, handshakeMs, pingMs, transferMs, session: sessionReport(session) })
    await session.close()
    process.stdout.write(
      `sent ${describeSize(size)} at ${describeRate(size, transferMs)}, BLAKE2b ${hash.slice(0, 16)}…\n`,
    )
  } finally {
    await node.close()
  }
}
