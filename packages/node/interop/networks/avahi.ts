import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Host } from '@stt/testing'

/** Why there is no Avahi to test with; `undefined` when there is one. */
export const avahiMissing = (): string | undefined =>
  spawnSync('avahi-daemon', ['--version']).status === 0 ? undefined : 'not installed: apt-get install avahi-daemon'

/** Avahi, the mDNS of most Linux desktops, on a host of a network. */
export class Avahi {
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child
    this.#folder = folder
  }

  /**
   * Resolves when it is called by its name on the network.
   *
   * @param isAlone whether it leaves the port of mDNS to nobody else
   */
  static async start(host: Host, name: string, isAlone = false): Promise<Avahi> {
    const folder = mkdtempSync(join(tmpdir(), 'stt-avahi-'))
    const config = join(folder, 'avahi.conf')
    writeFileSync(
      config,
      `[server]\nhost-name=${name}\nenable-dbus=no\ndisallow-other-stacks=${isAlone ? 'yes' : 'no'}\n[wide-area]\nenable-wide-area=no\n`,
    )
    // Where its files go cannot be said: each sees a folder of its own there.
    const words = `mkdir -p /run/avahi-daemon && mount --bind "$1" /run/avahi-daemon && exec avahi-daemon --file "$2" --no-chroot --no-drop-root --no-rlimits --debug`
    const [ip, ...rest] = host.prefix
    const child = spawn(ip!, [...rest, 'sh', '-ec', words, 'sh', folder, config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const avahi = new Avahi(child, folder)
    let said = ''
    for await (const line of createInterface({ input: child.stderr! })) {
      said += `${line}\n`
      if (!line.includes('Server startup complete')) continue
      // Nobody reads the rest, and it is not to wait for that.
      child.stderr!.resume()
      return avahi
    }
    throw new Error(`avahi-daemon has ended:\n${said}`)
  }

  /** The address that it finds for the name of a host, as text; `undefined` when nobody on the network has the name. */
  async resolve(name: string): Promise<string | undefined> {
    const socket = createConnection(join(this.#folder, 'socket'))
    socket.end(`RESOLVE-HOSTNAME-IPV4 ${name}.local\n`)
    let answer = ''
    for await (const chunk of socket) answer += chunk
    // `+ interface protocol name address`, or `-code reason`.
    return /^\+ \S+ \S+ \S+ (\S+)/m.exec(answer)?.[1]
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await exited
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
