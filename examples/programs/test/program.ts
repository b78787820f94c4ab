import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Seed } from '@stt/node'
import { bundledProgram, type Host } from '@stt/testing'
import { onTestFinished } from 'vitest'

export interface Setup {
  readonly passphrase?: string
  /** Where in a made-up network it runs; on this machine unless given. */
  readonly host?: Host
}

/** A program of `../src` as a process of its own, which ends with its test. */
export class Program {
  stdout = ''
  stderr = ''
  readonly ended: Promise<number>
  readonly #child: ChildProcess

  private constructor(parameters: readonly string[], { passphrase = '', host }: Setup) {
    const [command, ...words] = [...(host?.prefix ?? []), process.execPath, ...parameters]
    const env = { ...process.env, STT_SEED: SEED, STT_PASSPHRASE: passphrase }
    this.#child = spawn(command!, words, { cwd: ROOT, env, stdio: 'pipe' })
    this.#child.stdout!.setEncoding('utf8').on('data', text => (this.stdout += text))
    this.#child.stderr!.setEncoding('utf8').on('data', text => (this.stderr += text))
    this.ended = once(this.#child, 'close').then(([code]) => code)
    onTestFinished(async () => {
      this.#child.kill('SIGKILL')
      await this.ended
    })
  }

  static async start(name: string, words: readonly string[], setup: Setup = {}): Promise<Program> {
    return new Program([await bundledProgram(join(SOURCES, `${name}.ts`)), ...words], setup)
  }

  /** One that reads other files beside its own, and so cannot be bundled. */
  static startSource(name: string, words: readonly string[]): Program {
    const flags = ['--import', 'tsx', '--conditions=@stt/source']
    return new Program([...flags, join(SOURCES, `${name}.ts`), ...words], {})
  }

  static async startRelay(words: readonly string[], setup: Setup): Promise<Program> {
    return new Program([await bundledProgram(join(ROOT, 'packages/relay/src/bin.ts')), ...words], setup)
  }

  /** Runs it to its end. @returns what it printed. @throws what it complained of */
  static async run(
    name: string,
    words: readonly string[],
    setup: Setup & { readonly input?: string } = {},
  ): Promise<string> {
    const program = await Program.start(name, words, setup)
    program.end(setup.input)
    if ((await program.ended) !== 0) throw new Error(`${name} ${words.join(' ')}: ${program.stderr}`)
    return program.stdout
  }

  write(text: string): void {
    this.#child.stdin!.write(text)
  }

  end(text = ''): void {
    this.#child.stdin!.end(text)
  }

  /** Waits until it printed this, and gives the first group. */
  async printed(pattern: RegExp): Promise<string> {
    let over = false
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr)
      if (match) return match[1] ?? match[0]
      if (over) throw new Error(`it ended and never printed ${pattern}: ${this.stdout}${this.stderr}`)
      over = await Promise.race([
        this.ended.then(() => true),
        once(this.#child.stdout!, 'data').then(() => false),
        once(this.#child.stderr!, 'data').then(() => false),
      ])
    }
  }

  /** The addresses that it listens on. */
  async addresses(): Promise<string[]> {
    return (await this.printed(/listening on (.+)\n/)).split(' ')
  }
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stt-programs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const ROOT = join(import.meta.dirname, '../../..')
const SOURCES = join(import.meta.dirname, '../src')
/** What all programs of a test share. */
const SEED = Seed.generate().toHex()
export const BOTH: readonly string[] = ['udp://127.0.0.1:0', 'ws://127.0.0.1:0']
