import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundledProgram } from '@stt/testing'
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

/** A process of `peer-process.ts`. */
export interface PeerProcess {
  /** The next message of a type. @throws when the process ends first */
  message(type: string): Promise<PeerMessage>
  kill(): void
  readonly exited: Promise<unknown>
}

const PROGRAM = await bundledProgram(join(import.meta.dirname, 'peer-process.ts'))

export function startPeer(seed: string, ...parameters: string[]): PeerProcess {
  const child = fork(PROGRAM, parameters, {
    env: { ...process.env, STT_TEST_SEED: seed },
    execArgv: ['--enable-source-maps'],
  })
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
