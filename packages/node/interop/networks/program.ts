import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Host } from '@stt/testing'
import { expect } from 'vitest'
import type { Seed } from '../../src/index.ts'
import { until } from './neighbors.ts'

/** A program as people write it, run from its source. */
export class Program {
  readonly #file: URL
  readonly #child: ChildProcess
  #said = ''

  constructor(host: Host, code: string, seed: Seed) {
    // A file beside this one: its imports are resolved as those of a reader would be.
    this.#file = new URL(`./.readme-program-${process.pid}-${++Program.#made}.mjs`, import.meta.url)
    writeFileSync(this.#file, code)
    const [ip, ...words] = host.prefix
    const flags = ['--import', 'tsx', '--conditions', '@stt/source']
    this.#child = spawn(ip!, [...words, process.execPath, ...flags, fileURLToPath(this.#file)], {
      env: { ...process.env, SEED: seed.toHex() },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child.stdout!.on('data', chunk => (this.#said += chunk))
    this.#child.once('exit', () => rmSync(this.#file))
  }

  static #made = 0

  /** @returns all that it said */
  async ends(): Promise<string> {
    const [code] = await once(this.#child, 'close')
    expect(code).toBe(0)
    return this.#said
  }

  /** Waits until it has said this, and ends it. @returns all that it said */
  async says(what: RegExp): Promise<string> {
    await until(() => what.test(this.#said) || undefined)
    this.#child.kill()
    await once(this.#child, 'close')
    return this.#said
  }
}
