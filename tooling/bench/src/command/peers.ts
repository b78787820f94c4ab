import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeCertificate } from '../transports/certificate.ts'
import { Program } from './run.ts'

/** One way to get files from a folder to another, in two programs. */
export interface Mover {
  readonly name: string
  /** Sends `what` into the folder `into`. @returns milliseconds from the start of the sender to the end of both */
  move(what: string, into: string): Promise<number>
  close?(): void
}

/** `stt receive` waits, `stt send` dials it: over a WebSocket, as a relay and most firewalls let through, or over UDP. */
export async function stt(folder: string, scheme: 'ws' | 'udp'): Promise<Mover> {
  const homeOf = (machine: string): NodeJS.ProcessEnv => ({
    STT_HOME: join(folder, `${machine}-${scheme}`),
    STT_LAN: 'none',
  })
  const [here, there] = [homeOf('here'), homeOf('there')]
  const run = (environment: NodeJS.ProcessEnv, ...words: string[]): Program =>
    new Program(process.execPath, [STT, ...words], environment)
  const made = JSON.parse(await run(here, 'pair', 'there', '--json').ended()) as { phrase: string; id: string }
  const joined = spawnSync(process.execPath, [STT, 'pair', 'here', '--phrase', '-', '--peer', made.id], {
    env: { ...process.env, ...there },
    input: made.phrase,
  })
  if (joined.status !== 0) throw new Error(joined.stderr.toString())
  return {
    name: `stt ${scheme}`,
    async move(what, into) {
      const receiving = run(here, 'receive', 'there', '--into', into, '--listen', `${scheme}://127.0.0.1:0`)
      const address = await receiving.printed(/--address (\S+)\n/)
      return timed(receiving, () => run(there, 'send', what, '--to', 'here', '--address', address))
    },
  }
}

/** Node alone: a folder as `tar` through node:tls, or one file that both ends hash. */
export async function plain(folder: string, kind: 'tar' | 'hash'): Promise<Mover> {
  const { key, cert } = await makeCertificate('ec')
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  writeFileSync(keyFile, key)
  writeFileSync(certFile, cert)
  const run = (...words: string[]): Program => new Program(process.execPath, [COPY, kind, ...words])
  return {
    name: kind === 'tar' ? 'tar through node:tls' : 'node:tls, both ends hash',
    async move(what, into) {
      const receiving = run('receive', into, keyFile, certFile)
      const port = await receiving.printed(/^(\d+)\n/)
      return timed(receiving, () => run('send', what, certFile, port))
    },
  }
}

/** magic-wormhole with a mailbox and a transit relay of its own. Both ends start at once: its receiver does not say when it waits. */
export function wormhole(folder: string): Mover | undefined {
  if (spawnSync('wormhole', ['--version']).status !== 0 || spawnSync('twist3', ['--help']).status !== 0)
    return undefined
  const mailbox = new Program('twist3', ['wormhole-mailbox', `--port=tcp:${MAILBOX}:interface=127.0.0.1`, `--channel-db=${join(folder, 'mailbox')}`]) // biome-ignore format: one line
  const transit = new Program('twist3', ['transitrelay', `--port=tcp:${TRANSIT}:interface=127.0.0.1`])
  const servers = [`--relay-url=ws://127.0.0.1:${MAILBOX}/v1`, `--transit-helper=tcp:127.0.0.1:${TRANSIT}`]
  let code = 1
  return {
    name: 'magic-wormhole',
    async move(what, into) {
      await mailbox.printed(/(Starting reactor)/)
      await transit.printed(/(Starting reactor)/)
      const word = `${code++}-bench`
      const run = (...words: string[]): Program => new Program('wormhole', [...servers, ...words])
      return timed(run('receive', '--hide-progress', '--accept-file', '-o', join(into, 'it'), word), () =>
        run('send', '--hide-progress', `--code=${word}`, what),
      )
    },
    close() {
      mailbox.stop()
      transit.stop()
    },
  }
}

/** An empty folder in the place of what was there. */
export function emptied(path: string): string {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  return path
}

async function timed(receiving: Program, send: () => Program): Promise<number> {
  const started = performance.now()
  await Promise.all([send().ended(), receiving.ended()])
  return performance.now() - started
}

const STT = fileURLToPath(new URL('./bin.js', import.meta.resolve('@stt/cli')))
const COPY = fileURLToPath(new URL('../programs/copy.mjs', import.meta.url))
const MAILBOX = 4_871
const TRANSIT = 4_872
