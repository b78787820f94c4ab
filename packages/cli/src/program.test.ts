import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Machine, temporaryFolder } from '../test/stt.ts'
import { ExitCode } from './index.ts'
import { runProgram } from './program.ts'

test('every verb has a page, and the first one has every exit code', async () => {
  const machine = new Machine()
  const { stdout, code } = await machine.run(['--help'])
  expect(code).toBe(0)
  for (const exitCode of Object.values(ExitCode)) expect(stdout).toMatch(new RegExp(`^ {2}.*\\b${exitCode}\\b`, 'm'))
  const verbs = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, verb]) => verb!)
  expect(verbs).toEqual(expect.arrayContaining(['pair', 'list', 'forget', 'ping', 'pipe']))
  const pages = await Promise.all(verbs.map(verb => machine.run(['help', verb])))
  for (const page of pages)
    expect(page).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: stt [\s\S]*--json/) })
  for (const page of pages) for (const line of page.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(130)
})

test('what cannot be used ends with 2, and a line that says why', async () => {
  const machine = new Machine()
  const [option, verb, name, count] = await Promise.all([
    machine.run(['ping', 'a', '--adress', 'x']),
    machine.run(['pong']),
    machine.run(['ping', 'nobody']),
    machine.run(['ping', 'a', '--count', 'many']),
  ])
  expect(option).toMatchObject({ code: 2, stderr: "stt: unknown option '--adress' (Did you mean --address?)\n" })
  expect(verb).toMatchObject({ code: 2, stderr: expect.stringContaining('(Did you mean ping?)') })
  expect(name).toMatchObject({
    code: 2,
    stderr: 'stt: no pairing is called nobody (there is none yet): stt pair nobody\n',
  })
  expect(count).toMatchObject({ code: 2, stderr: expect.stringContaining('whole number') })
  const missing = await machine.run(['send', 'photos'])
  expect(missing).toMatchObject({
    code: 2,
    stderr: "stt: required option '--to <NAME>' not specified (stt help send says what there is)\n",
  })
  const json = await machine.run(['ping', 'nobody', '--json'])
  expect(json.lines).toEqual([{ type: 'error', exitCode: 2, message: expect.stringContaining('nobody') }])
})

test.each([
  ['no verb of this name', ['pong', '--json'], /^unknown command 'pong' \(Did you mean ping\?\)$/],
  ['no option of this name', ['chamber', 'put', 'vault', 'x', '--json', '--ass'], /^unknown option '--ass' \(Did/],
  ['a word too many', ['list', 'all', '--json'], /^too many arguments.* \(stt help list says what there is\)$/],
  ['a value that is none', ['send', 'x', '--to', 'a', '--limit', 'much', '--json'], /'--limit <RATE>' argument 'much'/],
])('under --json the command line is told of as everything else: %s', async (_what, words, message) => {
  const { code, lines, stderr } = await new Machine().run(words)
  expect({ code, lines, stderr }).toEqual({
    code: 2,
    lines: [{ type: 'error', exitCode: 2, message: expect.stringMatching(message) }],
    stderr: '',
  })
})

test.each([
  [['ping', 'a', '--relay', 'foo'], "'--relay <URL>' argument 'foo' is invalid. It takes the URL of a relay"],
  [['send', 'x', '--to', 'a', '--relay', 'http://x'], "'--relay <URL>' argument 'http://x'"],
  [['pair', 'a', '--relay', 'foo'], "'--relay <URL>' argument 'foo'"],
  [['pair', 'a', '--address', 'foo'], "'--address <URL>' argument 'foo' is invalid. It takes an address: udp://"],
  [['forward', 'a', '1:b:2', '--address', 'ftp://x'], "'--address <URL>' argument 'ftp://x'"],
  [['doctor', '--address', ''], "'--address <URL>' argument ''"],
  [['receive', 'a', '--listen', 'ws://127.0.0.1:80000'], "'--listen <URL>' argument 'ws://127.0.0.1:80000'"],
  [['expose', 'a', 'b:1', '--listen', '4433'], "'--listen <URL>' argument '4433'"],
  [['pipe', 'a', '--listen', 'foo'], "'--listen <URL>' argument 'foo'"],
  [['pipe', 'a', '--timeout', '-3'], "'--timeout <SECONDS>' argument '-3' is invalid. It takes seconds, 0 to"],
  [['send', 'x', '--to', 'a', '--timeout', '5s'], "'--timeout <SECONDS>' argument '5s'"],
  [['ping', 'a', '--timeout='], "'--timeout <SECONDS>' argument ''"],
  [['ping', 'a', '--count', '0'], "'-c, --count <N>' argument '0'"],
  [['ping', 'a', '--count', '9999999'], "'-c, --count <N>' argument '9999999'"],
  [['send', 'x', '--to', 'a', '--limit', '-1'], "'--limit <RATE>' argument '-1'"],
  [['chamber', 'get', 'v', 'k', '--range', '5-3'], "'--range <BYTES>' argument '5-3'"],
  [['relay', '--url', 'foo'], "'--url <URL>' argument 'foo'"],
  [['relay', '--instance', 'foo', '--redis', 'redis://x'], "'--instance <URL>' argument 'foo'"],
])('a value that cannot be used is told with its option and what it takes: %j', async (words, message) => {
  const stderr: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation(text => stderr.push(String(text)) > 0)
  onTestFinished(() => write.mockRestore())
  expect(await runProgram(words, new AbortController().signal)).toBe(2)
  expect(stderr.join('')).toContain(`option ${message}`)
})

test('help of a verb that does not exist says so, and each verb of a group has its page', async () => {
  const machine = new Machine()
  const [none, near, below, put, group, all] = await Promise.all([
    machine.run(['help', 'nonsense']),
    machine.run(['help', 'recieve', '--json']),
    machine.run(['chamber', 'help', 'gett']),
    machine.run(['help', 'chamber', 'put']),
    machine.run(['chamber', 'help']),
    machine.run(['help']),
  ])
  expect(none).toMatchObject({
    code: 2,
    stdout: '',
    stderr: "stt: unknown command 'nonsense' (stt --help says what there is)\n",
  })
  expect(near.lines).toEqual([
    { type: 'error', exitCode: 2, message: "unknown command 'recieve' (Did you mean receive?)" },
  ])
  expect(below).toMatchObject({ code: 2, stderr: "stt: unknown command 'gett' (Did you mean get?)\n" })
  expect(put).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: stt chamber put /) })
  expect(group).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: stt chamber /) })
  expect(all).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: stt \[/) })
})

test('if stdout is for data, that line is on stderr; behind -- no word is an option', async () => {
  const machine = new Machine()
  const [pipe, stdout, behind] = await Promise.all([
    machine.run(['pipe', '--json']),
    machine.run(['chamber', 'get', '--stdout', '--json']),
    machine.run(['send', '--', '--json']),
  ])
  for (const { stdout: text, stderr } of [pipe, stdout]) expect([text, JSON.parse(stderr).exitCode]).toEqual(['', 2])
  expect(behind.stderr).toMatch(/^stt: required option/)
})

test('a reader that goes away ends it without a word', async () => {
  const run = new Machine().start(['--help'], { open: true })
  run.child.stdout!.destroy()
  const [code] = await once(run.child, 'exit')
  expect([code, run.stderr]).toEqual([ExitCode.brokenPipe, ''])
})

for (const shell of ['bash', 'zsh', 'fish']) {
  const path = ['/bin', '/usr/bin'].map(folder => `${folder}/${shell}`).find(existsSync)
  test(`completion of ${shell} is a script that it takes${path ? '' : ': NOT PARSED, it is not installed'}`, async () => {
    const { stdout, code } = await new Machine().run(['completion', shell])
    expect([code, stdout]).toEqual([0, expect.stringContaining('stt list --quiet')])
    for (const word of ['forget', '--address', '--timeout'].map(each =>
      shell === 'fish' ? each.replace('--', '-l ') : each,
    )) {
      expect(stdout).toContain(word)
    }
    if (!path) return
    const file = join(temporaryFolder(), 'script')
    writeFileSync(file, stdout)
    expect(spawnSync(path, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })
}

test('completion of bash offers verbs, options and the names of pairings', async () => {
  const machine = new Machine()
  await machine.run(['pair', 'laptop'])
  const { stdout } = await machine.run(['completion', 'bash'])
  const complete = (words: readonly string[]): string[] => {
    const script = `${stdout}
stt() { [ "$*" = "list --quiet" ] && echo laptop; }
COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _stt; printf '%s\\n' "\${COMPREPLY[@]}"`
    return spawnSync('bash', [], { input: script, encoding: 'utf8' }).stdout.trim().split('\n')
  }
  expect(complete(['stt', 'pi'])).toEqual(['ping', 'pipe'])
  expect(complete(['stt', 'ping', ''])).toEqual(['laptop'])
  expect(complete(['stt', 'ping', '--ti'])).toEqual(['--timeout'])
  expect(complete(['stt', 'doctor', ''])).toEqual(['laptop'])
  expect(complete(['stt', 'relay', '--for', ''])).toEqual(['laptop'])
  expect(complete(['stt', 'chamber', ''])).toEqual(['put', 'get', 'list', 'delete', 'check'])
  expect(complete(['stt', 'chamber', 'get', '--ra'])).toEqual(['--range'])
  expect((await machine.run(['list', '--quiet'])).stdout).toBe('laptop\n')
})
