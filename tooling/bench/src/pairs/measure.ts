import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What two processes of one build do, and in what its cost is told. */
export interface Task {
  readonly name: string
  readonly unit: string
  /** What a microsecond for a byte, or for a call, is in that unit. */
  readonly scale: number
  readonly kind: 'upload' | 'ping' | 'handshake'
  readonly listen: string
  readonly udp?: { readonly maxPacketSize: number }
  /** Bytes or calls before the measuring begins. */
  readonly warm: number
  /** Bytes or calls that are measured. */
  readonly amount: number
}

/** The entry of `@stt/node` in a checkout that was built. @throws Error when it was not */
export function entryOf(root: string): string {
  const entry = join(resolve(root), 'packages/node/dist/index.js')
  if (existsSync(entry)) return pathToFileURL(entry).href
  throw new Error(`there is no ${entry}: name the root of a checkout whose packages were built`)
}

/**
 * Runs a task once, in a server and a client process that are new.
 *
 * @returns the processor time, in the task's unit, that both spent on each byte or call, in all their threads
 */
export async function measure(entry: string, task: Task): Promise<number> {
  const children: ChildProcess[] = []
  const start = async (...address: string[]): Promise<Answer> => {
    // Nothing of how this program itself was started, such as a loader.
    const child = fork(PROGRAM, [entry, JSON.stringify(task), ...address], { execArgv: [] })
    children.push(child)
    return answerOf(child)
  }
  try {
    const { address } = await start()
    await start(address!)
    const [server, client] = children as [ChildProcess, ChildProcess]
    const before = await ask(server)
    const ofClient = await ask(client)
    return ((ofClient + (await ask(server)) - before) * task.scale) / task.amount
  } finally {
    for (const child of children) child.kill()
    await Promise.all(children.map(child => child.exitCode ?? child.signalCode ?? once(child, 'exit')))
  }
}

/** One of the two: where the server listens, or what was spent. */
interface Answer {
  readonly address?: string
  readonly spent?: number
}

async function ask(child: ChildProcess): Promise<number> {
  child.send('go on')
  return (await answerOf(child)).spent!
}

/** The next message of a process. Rejects when it ends before. */
function answerOf(child: ChildProcess): Promise<Answer> {
  return new Promise((onAnswer, onFailed) => {
    const onExit = (code: number | null): void => onFailed(new Error(`a process of the pair ended with code ${code}`))
    child.once('exit', onExit)
    child.once('error', onFailed)
    child.once('message', answer => {
      child.off('exit', onExit)
      child.off('error', onFailed)
      onAnswer(answer as Answer)
    })
  })
}

const PROGRAM = fileURLToPath(new URL('../programs/pair-end.mjs', import.meta.url))
