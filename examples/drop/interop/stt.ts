import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundledProgram } from '@stt/testing'
import { onTestFinished } from 'vitest'

/** A line of `--json`. */
export type Line = { readonly type: string } & Readonly<Record<string, unknown>>

const PROGRAM: string = await bundledProgram(join(import.meta.dirname, '../../../packages/cli/src/bin.ts'))

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stt drop-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A machine with the command. */
export class Machine {
  readonly folder: string = temporaryFolder()

  /** Runs `stt --json`. */
  start(...words: readonly string[]): Run {
    const environment = { ...process.env, STT_HOME: join(this.folder, 'home'), STT_LAN: 'none' }
    const child = spawn(process.execPath, [PROGRAM, ...words, '--json'], { cwd: this.folder, env: environment })
    return new Run(child)
  }
}

export class Run {
  readonly lines: Line[] = []
  readonly exit: Promise<number>
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  #errors = ''

  constructor(child: ChildProcess) {
    this.#child = child
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stderr!.on('data', (text: Buffer) => {
      this.#errors += text.toString()
    })
    createInterface(child.stdout!).on('line', line => {
      this.lines.push(JSON.parse(line) as Line)
      for (const look of [...this.#waiting]) look()
    })
    child.stdin!.end()
    this.exit = once(child, 'close').then(([code]) => {
      for (const look of [...this.#waiting]) look()
      return (code as number | null) ?? -1
    })
  }

  /** The first line of a type, from now or before. */
  line(type: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.lines.find(line => line.type === type)
        const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null
        if (!found && !isOver) return
        this.#waiting.delete(look)
        if (found) resolve(found)
        else reject(new Error(`it ended without a line "${type}": ${this.#errors} ${JSON.stringify(this.lines)}`))
      }
      this.#waiting.add(look)
      look()
    })
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
