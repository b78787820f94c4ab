import { access, rename, rm } from 'node:fs/promises'
import { type Session, STTNode } from '@stt/node'
import { Command } from 'commander'
import { collect, Failure, runCommand } from './cli.ts'
import { describeSize } from './format.ts'
import { type Request, report } from './reports.ts'
import { readSeedFile } from './seed-file.ts'
import { sessionReport } from './session-report.ts'
import { type ReceivedFile, receiveFile } from './transfer.ts'
import { LIMITS } from './transports.ts'

const options = new Command('receive')
  .description('Receives one file from a sender that holds the same seed.')
  .requiredOption('--seed-file <path>', 'file with the shared seed, 64 hex digits')
  .requiredOption(
    '--listen <url>',
    'address to listen on, or several; port 0 takes a free one: ws://127.0.0.1:0',
    collect,
  )
  .requiredOption('--out <path>', 'where to put the file; it must not exist')
  .option('--stay', 'go on listening after the file, until the parent process says so', false)
  .parse()
  .opts<{ seedFile: string; listen: readonly string[]; out: string; stay: boolean }>()

await runCommand('receive', async () => {
  if (await exists(options.out)) throw new Failure(`${options.out} exists already: choose another name`)
  const node = await STTNode.create({
    seed: await readSeedFile(options.seedFile),
    listen: options.listen,
    limits: LIMITS,
  })
  try {
    const told = options.stay ? untilTold(node) : Promise.resolve()
    for (const address of node.addresses) {
      process.stdout.write(`listening on ${address}\n`)
      await report({ type: 'listening', address })
    }
    await receive(node)
    await told
  } finally {
    await node.close()
  }
})

async function receive(node: STTNode): Promise<void> {
  const session = await first(node.sessions(), 'no session came')
  const { size, hash, longestSilenceMs } = await receiveInto(session, options.out)
  // The sender closes when its last round trip is done; only then are the counts final.
  await session.closed
  await report({ type: 'received', size, hash, longestSilenceMs, session: sessionReport(session) })
  process.stdout.write(`received ${describeSize(size)} in ${options.out}, BLAKE2b ${hash.slice(0, 16)}…\n`)
}

async function receiveInto(session: Session, path: string): Promise<ReceivedFile> {
  const part = `${path}.part`
  try {
    const stream = await first(session.streams(), 'the sender left without sending a file')
    const result = await receiveFile(stream, part)
    await rename(part, path)
    return result
  } finally {
    await rm(part, { force: true })
  }
}

async function first<T>(items: AsyncIterable<T>, otherwise: string): Promise<T> {
  for await (const item of items) return item
  throw new Failure(otherwise)
}

/** Answers the parent process until it says `close`. */
function untilTold(node: STTNode): Promise<void> {
  return new Promise(resolve => {
    process.on('message', (request: Request) => {
      if (request.type === 'close') return resolve()
      const { badMac, sessionsOpened } = node.getStatistics()
      void report({ type: 'statistics', badMac, sessionsOpened })
    })
  })
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
