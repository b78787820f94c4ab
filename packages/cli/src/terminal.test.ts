import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serverOf } from '../test/forwarding.ts'
import { Machine, PROGRAM, pairedMachines, temporaryFolder } from '../test/stt.ts'
import { TerminalText } from './terminal-text.ts'

const python = ['python3', 'python'].find(name => spawnSync(name, ['-c', 'import pty']).status === 0)
const skipped = python ? '' : ': SKIPPED, pseudo-terminals come from Python, which is not installed'

/** Runs `stt` on a pseudo-terminal: prompts that are waited for, and what is typed then. */
async function onTerminal(
  { home }: Machine,
  turns: readonly (readonly [string, string])[],
  args: readonly string[],
): Promise<{ code: number; screen: string }> {
  const script = join(import.meta.dirname, '../test/on_terminal.py')
  const child = spawn(python!, [script, ...turns.flat(), '--', process.execPath, PROGRAM, ...args], {
    env: { ...process.env, STT_HOME: home, STT_LAN: 'none', TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  return { code, screen: Buffer.concat(chunks).toString('utf8') }
}

test.skipIf(!python)(`a phrase and a passphrase are asked for without echo${skipped}`, async () => {
  const [one, other] = [new Machine(), new Machine()]
  const made = await onTerminal(one, [], ['pair', 'laptop'])
  const [, phrase] = /^ {4}(.{4}(?:-.{4}){5})\r$/m.exec(made.screen)!
  // The QR code is for a camera.
  expect([made.code, made.screen]).toEqual([0, expect.stringMatching(/[▀▄█]{20}/)])
  const turns = [
    ['Passphrase: ', 'open sesame'],
    ['The same again: ', 'open sesame'],
  ] as const
  const joined = await onTerminal(
    other,
    [['Phrase: ', phrase!], ...turns],
    ['pair', 'laptop', '--phrase', '-', '--passphrase'],
  )
  expect([joined.code, joined.screen]).toEqual([0, expect.stringContaining('is paired as laptop')])
  expect(joined.screen).not.toContain(phrase)
  expect(joined.screen).not.toContain('sesame')
  const wrong = await onTerminal(
    other,
    [['Passphrase: ', 'close sesame']],
    ['ping', 'laptop', '--address', 'ws://127.0.0.1:9'],
  )
  expect([wrong.code, wrong.screen]).toEqual([4, expect.stringContaining('the passphrase is wrong')])
  // It needs the seed more than once, and asks for it once.
  const examined = await onTerminal(other, [['Passphrase: ', 'open sesame']], ['doctor', 'laptop', '--address', 'ws://127.0.0.1:9']) // biome-ignore format: one line
  expect([examined.code, examined.screen.split('Passphrase').length]).toEqual([3, 2])
  expect(examined.screen).toMatch(
    /^limited {2}relay {5}no relay is known[\s\S]*^broken {3}peer {6}laptop was not reached/m,
  )
  const different = await onTerminal(new Machine(), [['Phrase: ', phrase!], ['Passphrase: ', 'a'], ['again: ', 'b']], ['pair', 'x', '--phrase', '-', '--passphrase']) // biome-ignore format: one line
  expect([different.code, different.screen]).toEqual([2, expect.stringContaining('not the same')])
})

test.skipIf(!python)(`Control-C at a prompt leaves no pairing behind${skipped}`, async () => {
  const machine = new Machine()
  const { code } = await onTerminal(machine, [['Phrase: ', '\\x03']], ['pair', 'laptop', '--phrase', '-'])
  expect([code, existsSync(join(machine.home, 'pairings'))]).toEqual([130, false])
})

test.skipIf(!python)(`a bar shows how far it is, and Control-C ends it with the cursor back${skipped}`, async () => {
  const [here, there] = await pairedMachines()
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), Buffer.alloc(3_000_000, 'x'))
  const receiving = here.start([
    'receive',
    'there',
    '--into',
    join(folder, 'in'),
    '--listen',
    'ws://127.0.0.1:0',
    '--json',
  ])
  const { addresses } = await receiving.line('listening')
  const args = ['send', join(folder, 'file'), '--to', 'here', '--address', addresses[0]!]
  const cut = await onTerminal(there, [['MiB/s', '\\x03']], [...args, '--limit', '1M'])
  expect([cut.code, cut.screen]).toEqual([
    130,
    expect.stringMatching(/over the LAN[\s\S]*█.*% of 2\.9 MiB \| .*MiB\/s \| .* left/),
  ])
  expect(cut.screen.lastIndexOf('\x1b[?25h')).toBeGreaterThan(cut.screen.lastIndexOf('\x1b[?25l'))
  const whole = await onTerminal(there, [], args)
  expect([whole.code, whole.screen]).toEqual([0, expect.stringContaining('sent 1 of 1 file, 2.9 MiB in all')])
  expect([await receiving.exit, readFileSync(join(folder, 'in/file')).length]).toEqual([0, 3_000_000])
})

test.skipIf(!python)(
  `the doctor says what it knows at once, and Control-C ends it while it waits${skipped}`,
  async () => {
    // It takes connections and stays silent.
    const port = await serverOf(() => {})
    const args = ['doctor', '--relay', `ws://127.0.0.1:${port}`]
    const { code, screen } = await onTerminal(new Machine(), [['network', '\\x03']], args)
    expect([code, screen]).toEqual([130, expect.stringMatching(/^(fine|limited|broken) +network +[^\n]*: /)])
    expect(screen).not.toContain('clock')
  },
)

test.skipIf(!python)(`what is not text is not written to a terminal${skipped}`, async () => {
  const [here, there] = await pairedMachines()
  const waiting = here.start(['pipe', 'there', '--json', '--listen', 'ws://127.0.0.1:0'], { input: 'a\x1b[2Jb' })
  const { addresses } = await waiting.line('listening')
  const { code, screen } = await onTerminal(there, [], ['pipe', 'here', '--address', addresses[0]!])
  expect([code, screen]).toEqual([1, expect.stringContaining('a terminal is no place for it')])
  expect(screen).not.toContain('\x1b[2J')
  expect(await waiting.exit).toBe(1)
})

test.skipIf(!python)(
  `a chamber's passphrase is asked for, twice when it is made, and a terminal gets text alone${skipped}`,
  async () => {
    const folder = temporaryFolder()
    const [vault, file] = [join(folder, 'vault'), join(folder, 'file')]
    writeFileSync(file, 'a\x1b[2Jb')
    const typed = ['Passphrase: ', 'open sesame'] as const
    const made = await onTerminal(new Machine(), [typed, ['again: ', 'open sesame']], ['chamber', 'put', vault, file])
    expect([made.code, made.screen]).toEqual([0, expect.stringContaining('stored 1 object,')])
    expect(made.screen).not.toContain('sesame')
    const got = await onTerminal(new Machine(), [typed], ['chamber', 'get', vault, 'file', '--stdout'])
    expect([got.code, got.screen]).toEqual([1, expect.stringContaining('a terminal is no place for it')])
    expect(got.screen).not.toContain('\x1b[2J')
  },
)

test.skipIf(!python)(
  `a forwarded port is told of, and Control-C ends both sides with what went over them${skipped}`,
  async () => {
    const [here, there] = await pairedMachines()
    const exposing = here.start(['expose', 'there', 'localhost:1', '--listen', 'ws://127.0.0.1:0', '--json'])
    const { addresses } = await exposing.line('listening')
    const args = ['forward', 'here', '0:localhost:1', '--address', addresses[0]!]
    const { code, screen } = await onTerminal(there, [['is localhost:1 of here', '\\x03']], args)
    expect([code, screen]).toEqual([
      130,
      expect.stringMatching(/127\.0\.0\.1:\d+ is localhost:1 of here[\s\S]*0 connections, /),
    ])
    exposing.child.kill('SIGINT')
    expect(await exposing.exit).toBe(130)
  },
)

test('text is what a terminal shows and does not obey, wherever it is cut', () => {
  const isUnsafe = (...pieces: readonly (string | Uint8Array)[]): boolean => {
    const text = new TerminalText()
    return pieces.map(piece => text.isUnsafe(Buffer.from(piece as Uint8Array))).some(Boolean)
  }
  expect(isUnsafe('tab\tline\r\n', 'ünï', Buffer.of(0xc3), Buffer.of(0xbc))).toBe(false)
  for (const piece of ['\x1b', '\0', '\x07', '\x9b', '\x7f', Buffer.of(0xff)]) expect(isUnsafe('a', piece)).toBe(true)
})
