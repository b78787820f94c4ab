import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectSecure } from 'node:tls'
import { Seed, STTNode, type Stream } from '@stt/node'
import { freePort, issuedCertificate, issuedKey, privateCa, testCertificate, testKey } from '@stt/testing'
import { expect, onTestFinished, test } from 'vitest'
import { folderWithRedis } from '../test/installed-redis.ts'
import { Machine, pairedMachines, type Run, temporaryFolder } from '../test/stt.ts'

async function relayOf(machine: Machine, args: readonly string[]): Promise<Run & { readonly url: string }> {
  const run = machine.start(['relay', '--listen', 'ws://127.0.0.1:0', ...args, '--json'])
  return Object.assign(run, { url: (await run.line('relaying')).url })
}

/** Says what it hears. */
async function echoed(stream: Stream): Promise<void> {
  for await (const chunk of stream) await stream.write(chunk)
  await stream.end()
}

test('two machines find each other at the relay of one, which serves only them, and ends with 0 on SIGTERM', async () => {
  const [here, there] = await pairedMachines()
  const relay = await relayOf(here, ['--for', 'there'])
  const receiving = here.start([
    'receive',
    'there',
    '--into',
    temporaryFolder(),
    '--relay',
    relay.url,
    '--json',
    '--keep',
  ])
  await receiving.line('listening')
  expect(await there.run(['ping', 'here', '--relay', relay.url, '--count', '1'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^here: [\d.]+ ms/),
  })
  const [stranger] = await pairedMachines()
  const refused = await stranger.run(['ping', 'there', '--relay', relay.url, '--timeout', '3'])
  expect(refused).toMatchObject({ code: 3, stdout: '' })
  relay.child.kill('SIGTERM')
  expect(await relay.exit).toBe(0)
})

test('a page, a renewed certificate, and what cannot be read again', async () => {
  const folder = temporaryFolder()
  const [cert, key, page] = ['cert.pem', 'key.pem', 'page'].map(name => join(folder, name)) as [string, string, string]
  mkdirSync(page)
  writeFileSync(join(page, 'index.html'), 'first')
  writeFileSync(cert, issuedCertificate)
  writeFileSync(key, issuedKey)
  const config = join(folder, 'relay.json')
  writeFileSync(
    config,
    JSON.stringify({ listen: 'ws://0.0.0.0:1', cert, key, page, open: true, udp: 'none', drain: 0 }),
  )
  // What is given here goes before what the file says.
  const words = ['relay', '--config', config, '--listen', 'wss://127.0.0.1:0']
  const run = new Machine().start([...words])
  const url = await expect.poll(() => /relay at (wss:\S+);/.exec(run.stdout)?.[1]).toBeDefined().then(() => /relay at (wss:\S+);/.exec(run.stdout)![1]!) // biome-ignore format: one line
  const ask = (): Promise<{ certificate: string; body: string }> =>
    new Promise((resolve, reject) => {
      let said = ''
      const socket = connectSecure({ port: Number(new URL(url).port), rejectUnauthorized: false }, () => {
        const certificate = socket.getPeerCertificate().fingerprint256
        socket.on('data', chunk => (said += chunk)).on('end', () => resolve({ certificate, body: said.split('\r\n\r\n')[1]! })) // biome-ignore format: one line
        socket.write('GET / HTTP/1.1\r\nHost: relay\r\n\r\n')
      }).on('error', reject)
    })
  const before = await ask()
  expect(before.body).toBe('first')
  writeFileSync(cert, 'none')
  run.child.kill('SIGHUP')
  await expect.poll(() => run.stderr).toContain('it goes on as it was')
  expect(await ask()).toEqual(before)
  writeFileSync(cert, testCertificate)
  writeFileSync(key, testKey)
  writeFileSync(join(page, 'index.html'), 'second')
  run.child.kill('SIGHUP')
  await expect.poll(() => run.stderr).toContain('certificate and page are read again')
  const after = await ask()
  expect([after.body, after.certificate !== before.certificate]).toEqual(['second', true])
  run.child.kill('SIGINT')
  expect(await run.exit).toBe(0)
})

test('a circuit goes on, on its connections, while certificate and page are read again', async () => {
  const folder = temporaryFolder()
  const [cert, key] = ['cert.pem', 'key.pem'].map(name => join(folder, name)) as [string, string]
  writeFileSync(cert, issuedCertificate)
  writeFileSync(key, issuedKey)
  const words = ['relay', '--listen', 'wss://127.0.0.1:0', '--cert', cert, '--key', key, '--udp', 'none']
  const relay = new Machine().start([...words, '--drain', '0', '--json'])
  // Lines for people go to stderr, which --json has none of.
  const { url } = await relay.line('relaying')
  const nodeOf = async (listen: readonly string[] | undefined): Promise<STTNode> => {
    const node = await STTNode.create({
      seed: Seed.fromBytes(seed),
      relays: [url],
      ...(listen && { listen }),
      ws: { ca: [privateCa, testCertificate] },
      paths: { relay: 'only' },
    })
    onTestFinished(() => node.close())
    return node
  }
  const seed = Seed.generate().toBytes()
  const [listener, dialer] = [await nodeOf(undefined), await nodeOf([])]
  listener.onSession(session => session.onStream(echoed))
  const session = await dialer.connect({ peer: listener.id })
  const moves: unknown[] = []
  session.onPath(change => moves.push(change))
  const stream = await session.openStream()
  const echo = async (text: string): Promise<string> => {
    await stream.write(Buffer.from(text))
    return Buffer.from(await stream.readExactly(text.length)).toString()
  }
  expect(await echo('before')).toBe('before')
  const certificateOf = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectSecure({ port: Number(new URL(url).port), rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().fingerprint256)
        socket.destroy()
      }).on('error', reject)
    })
  const old = await certificateOf()
  writeFileSync(cert, testCertificate)
  writeFileSync(key, testKey)
  relay.child.kill('SIGHUP')
  // The relay serves the new certificate once it has read it.
  await expect.poll(certificateOf).not.toBe(old)
  expect(await echo('after')).toBe('after')
  expect([session.path?.relayed, session.state, moves]).toEqual([true, 'active', []])
  relay.child.kill('SIGTERM')
  expect(await relay.exit).toBe(0)
})

test('a relay whose Redis is not there serves all the same, and says where and what to do, without its password', async () => {
  const cwd = await folderWithRedis()
  const machine = new Machine()
  const words = ['relay', '--listen', 'ws://127.0.0.1:0', '--instance', 'ws://127.0.0.1:4433/a']
  const port = await freePort()
  const run = machine.start([...words, '--quiet', '--redis', `redis://user:topsecret@127.0.0.1:${port}`], { cwd })
  await expect.poll(() => run.stdout).toContain('relay at ws:')
  const url = /relay at (ws:[^;]+);/.exec(run.stdout)![1]!
  await expect
    .poll(() => run.stderr)
    .toContain(`the Redis at redis://127.0.0.1:${port} is not there (ECONNREFUSED): start it`)
  expect(await (await fetch(`${url.replace('ws:', 'http:')}/healthz`)).text()).toBe('ok\n')
  run.child.kill('SIGTERM')
  expect(await run.exit).toBe(0)
  expect(run.stderr + run.stdout).not.toContain('topsecret')
  const wrong = await machine.run([...words, '--redis', 'http://user:topsecret@127.0.0.1'], { cwd })
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/--redis, or STT_RELAY_REDIS: .*no URL of a Redis/),
  ])
  expect(wrong.stderr).not.toContain('topsecret')
})

test('what cannot be served says which option is missing or wrong', async () => {
  const machine = new Machine()
  const folder = temporaryFolder()
  const config = (content: string): string[] => {
    const path = join(folder, `${content.length}.json`)
    writeFileSync(path, content)
    return ['--config', path]
  }
  const cases: [readonly string[], number, string][] = [
    [['--listen', 'ws://0.0.0.0:0'], 2, 'needs --for NAME'],
    [['--for', 'nobody'], 2, 'no pairing is called nobody'],
    [['--access', 'abc'], 2, '64 hexadecimal digits'],
    [['--listen', 'wss://127.0.0.1:0'], 2, 'needs --cert and --key'],
    [['--listen', 'wss://127.0.0.1:0', '--cert', '/nowhere', '--key', '/nowhere'], 2, 'no such file or directory'],
    [['--page', folder], 2, 'no index.html'],
    [['--redis', 'redis://127.0.0.1'], 2, 'need both: --redis URL'],
    [['--instance', 'ws://127.0.0.1/a'], 2, 'need both: --redis URL'],
    [['--redis', 'redis://127.0.0.1', '--instance', 'ws://127.0.0.1/a'], 1, 'npm install @stt/relay-redis'],
    [['--config', '/nowhere'], 2, 'cannot use /nowhere: no such file or directory'],
    [config('{'), 2, 'it is not JSON'],
    [config('[]'), 2, 'it holds no object'],
    [config('{"opne":true}'), 2, 'opne is none of listen'],
    [config('{"open":"yes"}'), 2, 'open takes true or false'],
    [config('{"for":"laptop"}'), 2, 'for takes a list of texts'],
  ]
  for (const [args, code, message] of cases) {
    // The package is not installed there, nor in the folder of a package manager that runs this test.
    const run = await machine.run(['relay', ...args], { cwd: folder, environment: { NODE_PATH: '' } })
    expect([run.code, run.stderr], args.join(' ')).toEqual([code, expect.stringContaining(message)])
  }
})

test.each(['{"redis": redis://:topsecret@127.0.0.1}', '{"access": [topsecret]}', "{'redis': 'topsecret'}"])(
  'a configuration that is not JSON, %s, is not repeated',
  async content => {
    const path = join(temporaryFolder(), 'relay.json')
    writeFileSync(path, content)
    const run = await new Machine().run(['relay', '--config', path, '--json'])
    expect([run.code, JSON.parse(run.stdout)]).toEqual([2, { type: 'error', exitCode: 2, message: expect.stringMatching(/it is not JSON: see/) }]) // biome-ignore format: one line
    expect(run.stdout + run.stderr).not.toMatch(/top|redis:|access/)
  },
)

test('the unit is one that systemd takes, and both files start the command that there is', () => {
  const deploy = join(import.meta.dirname, '../deploy')
  const [unit, container] = ['stt-relay.service', 'Containerfile'].map(name => readFileSync(join(deploy, name), 'utf8'))
  expect(unit).toMatch(/^ExecStart=\/usr\/bin\/env stt relay --config \S+$/m)
  expect(container).toMatch(/^ENTRYPOINT \["stt", "relay", "--listen", "ws:\/\/0\.0\.0\.0:4433"\]$/m)
  if (!existsSync('/usr/bin/systemd-analyze')) return
  const options = { encoding: 'utf8', stdio: 'pipe' } as const
  execFileSync('systemd-analyze', ['verify', join(deploy, 'stt-relay.service')], options)
})
