import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { bundledProgram } from '@stt/testing'
import { test as base, type TestAPI } from 'vitest'

const SOURCES = join(import.meta.dirname, '../src')
const paths = ['receive', 'send', 'demo/demo', 'demo/intrude', 'demo/meet']
const PROGRAMS = new Map(
  await Promise.all(
    paths.map(async path => [basename(path), await bundledProgram(join(SOURCES, `${path}.ts`))] as const),
  ),
)

/** `test` with a workplace of its own for each test, so that tests can run at the same time. */
export const test: TestAPI<{ place: Workplace }> = base.extend<{ place: Workplace }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which fixtures this one needs
  place: async ({}, use) => {
    const place = await Workplace.create()
    await use(place)
    await place.clean()
  },
})

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command of this package as a process of its own. */
export class Command {
  readonly child: ChildProcess
  readonly outcome: Promise<Outcome>
  stdout = ''
  stderr = ''

  /** @param temporary the folder for temporary files of the command */
  constructor(name: string, parameters: readonly string[], temporary: string) {
    this.child = spawn(process.execPath, [PROGRAMS.get(name)!, ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
    })
    this.child.stdout?.on('data', text => (this.stdout += text))
    this.child.stderr?.on('data', text => (this.stderr += text))
    this.outcome = once(this.child, 'close').then(([code]) => ({ code, stdout: this.stdout, stderr: this.stderr }))
  }

  /** Waits until stdout matches and gives the first group; fails when the process ends before. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.stdout)
      if (match) return match[1] ?? match[0]
      const over = await Promise.race([
        this.outcome.then(() => true),
        once(this.child.stdout!, 'data').then(() => false),
      ])
      if (over && !pattern.test(this.stdout)) throw new Error(`the process ended first: ${this.stdout}${this.stderr}`)
    }
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}

/** A temporary folder with two different seed files, and the processes of one test; `clean` ends and removes all. */
export class Workplace {
  readonly folder: string
  readonly #commands: Command[] = []

  private constructor(folder: string) {
    this.folder = folder
  }

  static async create(): Promise<Workplace> {
    const place = new Workplace(await mkdtemp(join(tmpdir(), 'stt-transfer-test-')))
    await writeFile(place.path('seed'), randomBytes(32).toString('hex'), { mode: 0o600 })
    await writeFile(place.path('other-seed'), randomBytes(32).toString('hex'), { mode: 0o600 })
    return place
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  run(name: string, ...parameters: string[]): Command {
    const command = new Command(name, parameters, this.folder)
    this.#commands.push(command)
    return command
  }

  /** Starts a receiver that puts its file in `out`, and waits for its address. */
  async receiver(listen: string = 'ws://127.0.0.1:0'): Promise<{ receiver: Command; address: string }> {
    const receiver = this.receive(listen, 'out')
    return { receiver, address: await receiver.printed(/listening on (\S+)\n/) }
  }

  receive(listen: string, out: string): Command {
    return this.run('receive', '--seed-file', this.path('seed'), '--listen', listen, '--out', this.path(out))
  }

  sender(address: string, file: string, seed = 'seed'): Command {
    return this.run('send', '--seed-file', this.path(seed), '--to', address, file)
  }

  async clean(): Promise<void> {
    for (const command of this.#commands) command.kill()
    await Promise.all(this.#commands.map(command => command.outcome))
    await rm(this.folder, { recursive: true, force: true })
  }
}
