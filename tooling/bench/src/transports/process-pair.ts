import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startChild } from '../start-child.ts'
import type { Task, TaskResult } from './protocol.ts'

/** A server and a client of one transport, each in a process of its own, kept for all rounds. */
export class ProcessPair {
  readonly #name: string
  #server: ChildProcess | undefined
  #client: ChildProcess | undefined

  constructor(name: string) {
    this.#name = name
  }

  async ask(task: Task): Promise<TaskResult> {
    this.#client ??= await this.#start()
    this.#client.send(task)
    const [result] = (await once(this.#client, 'message')) as [TaskResult]
    return result
  }

  close(): void {
    this.#client?.kill()
    this.#server?.kill()
  }

  async #start(): Promise<ChildProcess> {
    this.#server = startChild(CHILD, this.#name)
    const [{ address }] = (await once(this.#server, 'message')) as [{ address: string }]
    const client = startChild(CHILD, this.#name, address)
    await once(client, 'message')
    return client
  }
}

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))
