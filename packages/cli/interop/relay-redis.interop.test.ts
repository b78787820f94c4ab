import { findRedis, freePort, TestRedis } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { folderWithRedis } from '../test/installed-redis.ts'
import { pairedMachines, temporaryFolder } from '../test/stt.ts'

const program = findRedis()

describe.skipIf(!program)(program ? 'stt relay with a Redis' : 'stt relay: SKIPPED, there is no redis-server', () => {
  test('a machine that listens at one instance is reached by who knows another, also when that one has begun later', async () => {
    const redis = await TestRedis.start(program!, ['--requirepass', 'topsecret'])
    onTestFinished(() => redis.stop())
    const [here, there] = await pairedMachines()
    const cwd = await folderWithRedis()
    const start = async (given: Readonly<Record<string, string>>, ...args: string[]): Promise<string> => {
      const url = `ws://127.0.0.1:${await freePort()}`
      const words = ['relay', '--listen', url, '--udp', 'none', '--for', 'there', '--instance', url, ...args, '--json']
      const run = here.start(words, { cwd, environment: given })
      const { url: said } = await run.line('relaying')
      onTestFinished(() => expect(run.stderr).not.toContain('topsecret'))
      return said
    }
    const secret = redis.url.replace('//', '//:topsecret@')
    const a = await start({}, '--redis', secret)
    const receiving = ['receive', 'there', '--into', temporaryFolder(), '--relay', a, '--json', '--keep']
    await here.start(receiving).line('listening')
    const b = await start({ STT_RELAY_REDIS: secret })
    const ping = await there.run(['ping', 'here', '--relay', b, '--count', '1', '--json'])
    expect(ping).toMatchObject({ code: 0 })
  })
})
