import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Machine } from '../test/stt.ts'

const isWindows = process.platform === 'win32'

test.skipIf(isWindows)(
  `a second signal ends stt at once, while the disk still owes it an answer${isWindows ? ': SKIPPED, Windows has no FIFO' : ''}`,
  async () => {
    const machine = new Machine()
    const folder = join(machine.home, 'pairings', 'there')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, 'state.json')
    execFileSync('mkfifo', [file])

    const run = machine.start(['list'])
    // A writer opens the FIFO as soon as a reader does. It writes nothing, so the read does not end.
    const writer = spawn('sh', ['-c', 'exec 3>"$1"; echo opened; read -r _', 'sh', file])
    onTestFinished(() => void writer.kill('SIGKILL'))
    const ended = run.exit.then(code => Promise.reject(new Error(`it ended with ${code}: ${run.stderr}`)))
    await Promise.race([once(writer.stdout, 'data'), ended])
    ended.catch(() => {})

    // Two different ones: the system makes one of two equal signals that wait. It delivers these in either order.
    run.child.kill('SIGINT')
    run.child.kill('SIGTERM')
    const [code, signal] = await once(run.child, 'exit')
    expect([code, run.stdout, run.stderr]).toEqual([null, '', ''])
    expect(signal).toMatch(/^SIG(INT|TERM)$/)
  },
)
