import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { portOf, tunnelTo } from '../test/forwarding.ts'
import { temporaryFolder } from '../test/stt.ts'

const run = promisify(execFile)
const isThere = ['redis-server', 'redis-cli', 'redis-benchmark'].every(name => existsSync(`/usr/bin/${name}`))

/** @returns the port of a server without a disk */
async function startRedis(): Promise<number> {
  const finder = createServer()
  const port = await portOf(finder)
  finder.close()
  const words = ['--port', String(port), '--save', '', '--bind', '127.0.0.1', '--dir', temporaryFolder()]
  const child = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  for (let said = ''; !said.includes('Ready to accept connections'); ) said += String(await once(child.stdout, 'data'))
  return port
}

describe.skipIf(!isThere)(isThere ? 'a database' : 'a database: SKIPPED, there is no redis-server here', () => {
  test("Redis' own client and its benchmark, pipelined on 50 connections", async () => {
    const { ports, exposing } = await tunnelTo([`127.0.0.1:${await startRedis()}`])
    const port = String(ports[0])
    const ask = async (...words: readonly string[]): Promise<string> =>
      (await run('redis-cli', ['-p', port, ...words])).stdout.trim()
    const value = 'x'.repeat(100_000)
    expect(await ask('set', 'key', value)).toBe('OK')
    expect(await ask('get', 'key')).toBe(value)
    const load = ['-p', port, '-c', '50', '-P', '16', '-n', '20000', '-t', 'set,get,lpush', '-q']
    expect((await run('redis-benchmark', load)).stderr).toBe('')
    expect(await ask('llen', 'mylist')).toBe('20000')
    exposing.child.kill('SIGINT')
    expect(await exposing.exit).toBe(130)
    const { connections, refused, failed } = await exposing.line('forwarded')
    expect(connections).toBeGreaterThan(150)
    expect([refused, failed]).toEqual([0, 0])
  })
})
