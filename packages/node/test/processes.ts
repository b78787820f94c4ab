import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { NodeOptions, SessionStatistics } from '../src/index.ts'

export interface PeerMessage {
  readonly type: string
  readonly address?: string
  readonly equal?: boolean
  readonly code?: string
  readonly statistics?: SessionStatistics
}

/** What a process's node is made with. */
export type PeerOptions = Pick<NodeOptions, 'udp' | 'limits'>

/** A process of `peer-process.ts`, run from the sources. */
export interface PeerProcess {
  /** The next message of a type. @throws when the process ends first */
  message(type: string): Promise<PeerMessage>
  kill(): void
  readonly exited: Promise<unknown>
}

export function startPeer(seed: string, ...parameters: string[]): PeerProcess {
  return peerIn(fork(PROGRAM, parameters, { env: environment(seed), execArgv: FLAGS }))
}

/** The same in a network namespace of Linux. */
export function startPeerIn(namespace: string, seed: string, ...parameters: string[]): PeerProcess {
  const command = ['netns', 'exec', namespace, process.execPath, ...FLAGS, PROGRAM, ...parameters]
  return peerIn(spawn('ip', command, { env: environment(seed), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
}

function peerIn(child: ChildProcess): PeerProcess {
  const received: PeerMessage[] = []
  const exited = once(child, 'exit')
  child.on('message', (message: PeerMessage) => received.push(message))
  return {
    exited,
    kill: () => child.kill('SIGKILL'),
    async message(type) {
      for (;;) {
        const found = received.find(message => message.type === type)
        if (found) return found
        const next = await Promise.race([once(child, 'message'), exited.then(() => undefined)])
        if (!next && !received.some(message => message.type === type))
          throw new Error(`the process ended without "${type}"`)
      }
    },
  }
}

const PROGRAM = fileURLToPath(new URL('./peer-process.ts', import.meta.url))
const FLAGS = ['--conditions=@stt/source', '--import', 'tsx']
const environment = (seed: string): NodeJS.ProcessEnv => ({ ...process.env, STT_TEST_SEED: seed })
