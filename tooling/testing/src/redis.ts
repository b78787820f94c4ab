import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** The redis-server of this machine, if there is one (Debian: redis-server). */
export const findRedis = (): string | undefined =>
  ['redis-server', '/usr/bin/redis-server'].find(path => spawnSync(path, ['--version']).status === 0)

/** A Redis on the loopback interface that keeps nothing on disk. */
export class TestRedis {
  readonly port: number
  readonly #program: string
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(program: string, port: number, folder: string) {
    this.#program = program
    this.port = port
    this.#folder = folder
  }

  static async start(program: string, words: readonly string[] = []): Promise<TestRedis> {
    const redis = new TestRedis(program, await freePort(), await mkdtemp(join(tmpdir(), 'stt-redis-')))
    await redis.start(words)
    return redis
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** After `kill`: it comes back at the same port, and knows nothing. */
  async start(words: readonly string[] = []): Promise<void> {
    const fixed = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '', '--appendonly', 'no'] // biome-ignore format: one line
    const child = spawn(this.#program, [...fixed, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    for (let said = ''; !said.includes('Ready to accept connections'); ) {
      const [chunk] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])) as unknown[]
      if (!Buffer.isBuffer(chunk)) throw new Error(`redis-server ended: ${said}`)
      said += String(chunk)
    }
    child.stdout!.resume()
  }

  /** It is gone in this moment, as with kill -9. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child?.kill('SIGKILL')) return
    await once(child, 'exit')
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
