import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Identity, Seed, toHex } from '@stt/node'
import { bundledProgram } from '@stt/testing'
import { onTestFinished } from 'vitest'
import { Home } from '../src/home/home.ts'
import type { JsonLine } from '../src/json-lines.ts'

/** Of the sources, or one that was installed. */
const PROGRAM: string = process.env['STT_PROGRAM'] ?? (await bundledProgram(join(import.meta.dirname, '../src/bin.ts')))

/** A folder of this test, with a space in its name. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stt cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface StartOptions {
  readonly input?: string | Uint8Array
  /** stdin is a pipe that the test writes. */
  readonly open?: boolean
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Words that come before the program: a command that runs it. */
  readonly within?: readonly string[]
}

/** One run of `stt`. */
export class Run {
  readonly child: ChildProcess
  readonly lines: JsonLine[] = []
  readonly #stdout: Buffer[] = []
  readonly #stderr: Buffer[] = []
  readonly #exit: Promise<number>
  readonly #waiting = new Set<() => void>()

  constructor(child: ChildProcess, { input, open }: StartOptions) {
    this.child = child
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdout!.on('data', (chunk: Buffer) => this.#stdout.push(chunk))
    child.stderr!.on('data', (chunk: Buffer) => this.#stderr.push(chunk))
    for (const stream of [child.stdout!, child.stderr!]) createInterface(stream).on('line', line => this.#read(line))
    child.stdin?.on('error', () => {})
    if (!open) child.stdin?.end(input)
    this.#exit = once(child, 'close').then(([code, signal]) => {
      for (const look of this.#waiting) look()
      return (code as number | null) ?? -signalNumber(signal as string)
    })
  }

  get stdout(): string {
    return this.bytes.toString('utf8')
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#stdout)
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString('utf8')
  }

  /** The exit code, or the negative number of the signal that ended it. */
  get exit(): Promise<number> {
    return this.#exit
  }

  /** The first line of JSON of a type that is meant, from now or before; rejects when the run ends without it. */
  line<T extends JsonLine['type']>(
    type: T,
    isMeant: (line: Extract<JsonLine, { type: T }>) => boolean = () => true,
  ): Promise<Extract<JsonLine, { type: T }>> {
    type Line = Extract<JsonLine, { type: T }>
    const find = () => this.lines.find(line => line.type === type && isMeant(line as Line)) as Line | undefined
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find()
        if (found) resolve(found)
        else if (this.child.exitCode !== null || this.child.signalCode !== null)
          reject(new Error(`it ended without a line "${type}": ${this.stderr}${this.stdout}`)) // biome-ignore format: one line
        else return
        this.#waiting.delete(look)
      }
      this.#waiting.add(look)
      look()
    })
  }

  #read(line: string): void {
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value === 'object' && value !== null && 'type' in value) this.lines.push(value as JsonLine)
    } catch {
      return
    }
    for (const look of this.#waiting) look()
  }
}

const signalNumber = (signal: string): number => ({ SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 })[signal] ?? 1

/** A machine: a home of its own. */
export class Machine {
  readonly home: string

  constructor(home: string = join(temporaryFolder(), 'home')) {
    this.home = home
  }

  start(args: readonly string[], options: StartOptions = {}): Run {
    const words = [...(options.within ?? []), process.execPath, PROGRAM, ...args]
    const { NODE_OPTIONS: _, ...environment } = process.env
    const child = spawn(words[0]!, words.slice(1), {
      cwd: options.cwd,
      // Machines in the network of this one see no packet of a test.
      env: { ...environment, STT_HOME: this.home, STT_LAN: 'none', ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    return new Run(child, options)
  }

  /** Runs to the end. */
  async run(
    args: readonly string[],
    options: StartOptions = {},
  ): Promise<{ code: number } & Pick<Run, 'stdout' | 'stderr' | 'lines' | 'bytes'>> {
    const run = this.start(args, options)
    const code = await run.exit
    return { code, stdout: run.stdout, stderr: run.stderr, lines: run.lines, bytes: run.bytes }
  }
}

/** A receiver of what `there` sends, once it listens. */
export async function receiverAt(
  machine: Machine,
  into: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Run & { address: string }> {
  const run = machine.start(
    ['receive', 'there', '--into', into, '--listen', 'ws://127.0.0.1:0', '--json', ...args],
    options,
  )
  const { addresses } = await run.line('listening')
  return Object.assign(run, { address: addresses[0]! })
}

/** Two machines that are paired: the first calls the second `there`, the second the first `here`. */
export async function pairedMachines(relays: readonly string[] = []): Promise<readonly [Machine, Machine]> {
  const machines = [new Machine(), new Machine()] as const
  const seed = Seed.generate().toBytes()
  const [one, other] = [Identity.generate(), Identity.generate()]
  const common = { relays, addresses: [], created: Date.now(), passphrase: false }
  const never = (): never => {
    throw new Error('no passphrase is asked for')
  }
  // As `stt pair` does on both, without its second of work for the phrase.
  await new Home(machines[0].home, never).add(
    { ...common, name: 'there', made: true, id: toHex(one.id) },
    { seed, identity: one.toBytes() },
  )
  await new Home(machines[1].home, never).add(
    { ...common, name: 'here', made: false, id: toHex(other.id), peer: toHex(one.id) },
    { seed, identity: other.toBytes() },
  )
  return machines
}

/** The program's path, for what starts it in another way. */
export { PROGRAM }
