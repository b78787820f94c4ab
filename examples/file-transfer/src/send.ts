import { performance } from 'node:perf_hooks'
import { type Session, STTNode } from '@stt/node'
import { Command } from 'commander'
import { collect, runCommand } from './cli.ts'
import { describeRate, describeSize } from './format.ts'
import { Pace } from './pace.ts'
import { NO_BAR, progressBar } from './progress.ts'
import { type Request, report } from './reports.ts'
import { readSeedFile } from './seed-file.ts'
import { sessionReport } from './session-report.ts'
import { openSource, type SourceFile, sendFile } from './transfer.ts'
import { LIMITS } from './transports.ts'

const command = new Command('send')
  .description('Sends one file to a receiver that holds the same seed.')
  .argument('<file>', 'the file to send')
  .requiredOption('--seed-file <path>', 'file with the shared seed, 64 hex digits')
  .requiredOption('--to <url>', 'address of the receiver, such as ws://127.0.0.1:40123; several, if it has', collect)
  .option('--staged', 'send slowly from a third of the file on, until the parent process says otherwise', false)
  .parse()

const options = command.opts<{ seedFile: string; to: readonly string[]; staged: boolean }>()
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

    if (options.staged) await untilOverUdp(session)
    session.onPath(({ from, to, reason }) => report({ type: 'path', from: from?.kind, to: to.kind, reason }))

    // The parent process of a staged transfer tells what happens, line by line.
    const bar = options.staged ? NO_BAR : progressBar(source.size)
    const started = performance.now()
    const hash = await sendFile(session, source, bar.update, options.staged ? paceOf(source) : undefined).finally(
      bar.stop,
    )
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

/** The slow part lasts until the parent process has seen enough of it. */
function paceOf({ size }: SourceFile): Pace {
  const pace = new Pace(size, sent => void report({ type: 'slowed', sent, size }))
  process.on('message', (request: Request) => {
    if (request.type === 'hurry') pace.hurry()
  })
  return pace
}

/** On a machine with much to do WebSocket may answer first: the session moves to UDP by itself. */
async function untilOverUdp(session: Session): Promise<void> {
  if (session.path?.kind === 'udp') return
  const moved = new Promise<void>(resolve => session.onPath(({ to }) => to.kind === 'udp' && resolve()))
  await Promise.race([moved, session.closed])
}
