import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testCertificate, testKey } from '@stt/testing'

const PROGRAM = join(import.meta.dirname, '../../../packages/relay/dist/bin.js')

export interface Usage {
  /** MiB of memory that the process holds. */
  readonly memory: number
  /** Seconds of processor time that its threads have had so far. */
  readonly cpu: number
}

/** A built relay in its own process, with the processor time and memory that it uses. Linux only. */
export class MeasuredRelay {
  readonly url: string
  /** Rejects when the process ends before `stop` is called. */
  readonly ended: Promise<never>
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(url: string, child: ChildProcess, ended: Promise<never>, folder: string) {
    this.url = url
    this.ended = ended
    this.#child = child
    this.#folder = folder
  }

  /** Each client names its own address in the header X-Real-IP, so that the limits of one address do not end a crowd. */
  static async start(scheme: 'ws' | 'wss'): Promise<MeasuredRelay> {
    const folder = mkdtempSync(join(tmpdir(), 'stt-instance-'))
    const [cert, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
    writeFileSync(cert, testCertificate)
    writeFileSync(key, testKey)
    const tls = scheme === 'wss' ? ['--cert', cert, '--key', key] : []
    const args = ['--listen', `${scheme}://127.0.0.1:0`, ...tls, '--udp', 'none', '--json']
    const child = spawn(process.execPath, [PROGRAM, ...args, '--client-address', 'x-real-ip'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = text.trim()
    })
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the relay ended (${code ?? signal}): is ${PROGRAM} built? It said: ${said}`)
    })
    // An early end counts only while a measurement awaits it.
    ended.catch(() => {})
    const [line] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer]
    const { url } = JSON.parse(String(line)) as { url: string }
    return new MeasuredRelay(url, child, ended, folder)
  }

  get usage(): Usage {
    const { pid } = this.#child
    const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024
    // In nanoseconds, for each thread. `stat` counts in ticks, which misses much while other processes run.
    const threads = readdirSync(`/proc/${pid}/task`).map(each =>
      readFileSync(`/proc/${pid}/task/${each}/schedstat`, 'utf8'),
    )
    return { memory, cpu: threads.reduce((sum, each) => sum + Number(each.split(' ')[0]), 0) / 1e9 }
  }

  stop(): void {
    this.#child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
