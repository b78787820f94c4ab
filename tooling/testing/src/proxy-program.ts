import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testCertificate, testKey } from './tls.ts'

export interface ProxyProgram {
  /** Its files: `key.pem`, `certificate.pem` and the configuration. */
  readonly folder: string
  /** May be called again. */
  stop(): Promise<void>
}

/**
 * Starts a proxy of another project in a folder of its own, and waits until it listens.
 *
 * @param command gives the program and its arguments
 * @param configuration gives the text of the file `configuration`
 */
export async function startProxyProgram(
  name: string,
  ports: readonly number[],
  configuration: (folder: string) => string,
  command: (folder: string) => readonly [program: string, ...args: string[]],
): Promise<ProxyProgram> {
  const folder = await mkdtemp(join(tmpdir(), `stt-${name}-`))
  await writeFile(join(folder, 'key.pem'), testKey)
  await writeFile(join(folder, 'certificate.pem'), testCertificate)
  await writeFile(join(folder, 'configuration'), configuration(folder))
  const [program, ...args] = command(folder)
  // Its own files go there too.
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = text.trim()
  })
  for (const port of ports)
    while (!(await accepts(port))) if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`)
  return {
    folder,
    async stop() {
      if (!child.kill('SIGTERM')) return
      await once(child, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}

/** One attempt, a turn of the event loop long at least. */
function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
