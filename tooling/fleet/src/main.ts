// npm run fleet [-- LISTENERS SAMPLE]: makes the tables of docs/fleet.md again; the same seed gives the same moves and calls.
import { createClient } from '@redis/client'
import { openRedisStore } from '@stt/relay-redis'
import { findRedis, TestRedis } from '@stt/testing'
import { minuteOfLoad } from './load.ts'
import { movesOnLoss } from './moves.ts'

const SEED = 1
const [listeners = 1_000_000, sample = 50_000] = process.argv.slice(2).map(Number)

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`
const thousands = (value: number): string => Math.round(value).toLocaleString('en-US')

console.log(
  `| relays | ${thousands(listeners)} listeners: had the lost one first | as one of their two | others that moved | the fullest after it |`,
)
console.log('|---|---|---|---|---|')
for (const relays of [2, 3, 5, 10]) {
  const moves = movesOnLoss(relays, listeners, SEED)
  const parts = [percent(moves.first, listeners), percent(moves.either, listeners), thousands(moves.needless)]
  console.log(`| ${relays} | ${parts.join(' | ')} | ${moves.fullest.toFixed(3)} of its share |`)
}

const program = findRedis()
if (program) await measureRedis(program)
else console.log('\nThere is no redis-server here: nothing is measured of it.')

async function measureRedis(server: string): Promise<void> {
  const redis = await TestRedis.start(server)
  const client = await createClient({ url: redis.url }).connect()
  const store = await openRedisStore(redis.url, { timeout: 60_000 })
  try {
    const info = async (): Promise<Record<string, number>> => {
      const lines = (await client.info()).split('\r\n').map(line => line.split(':') as [string, string])
      return Object.fromEntries(lines.map(([name, value]) => [name, Number(value)]))
    }
    const options = { listeners: sample, instances: 3, seed: SEED }
    const before = await info()
    const begun = performance.now()
    const load = await minuteOfLoad(store, options)
    const took = performance.now() - begun
    const after = await info()
    const each = (name: string): number => (after[name]! - before[name]!) / sample
    const cpu = each('used_cpu_sys') + each('used_cpu_user')
    const calls = load.calls / sample
    console.log(
      `\n| of Redis, for one listener of ${thousands(sample)} | in a minute | for ${thousands(listeners)} listeners |`,
    )
    console.log('|---|---|---|')
    const row = (name: string, value: number, unit: string, digits = 2): void =>
      console.log(`| ${name} | ${value.toFixed(digits)} | ${thousands((value * listeners) / 60)} ${unit} |`)
    row('calls', calls, 'a second')
    row('bytes to Redis', each('total_net_input_bytes'), 'a second', 0)
    row('bytes from Redis', each('total_net_output_bytes'), 'a second', 0)
    const memory = each('used_memory')
    console.log(`| memory, bytes | ${memory.toFixed(0)} | ${((memory * listeners) / 2 ** 30).toFixed(2)} GiB |`)
    console.log(`| processor of Redis, µs | ${(cpu * 1e6).toFixed(0)} | ${((cpu * listeners) / 60).toFixed(2)} cores |`)
    console.log(
      `\n${thousands(load.calls)} calls in ${(took / 1_000).toFixed(1)} s, ${thousands(load.kept)} kept, ${load.found} found.`,
    )
  } finally {
    store.close()
    client.destroy()
    await redis.stop()
  }
}
