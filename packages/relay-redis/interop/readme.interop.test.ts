import process from 'node:process'
import { findRedis, TestRedis } from '@stt/testing'
import { runReadmeExamples } from '@stt/vitest-config/readme'
import { expect, onTestFinished, test } from 'vitest'

const program = findRedis()

test.skipIf(!program)(
  program ? 'the example in the README runs' : 'the example in the README: SKIPPED, there is no redis-server',
  async () => {
    const redis = await TestRedis.start(program!)
    onTestFinished(() => redis.stop())
    process.env['REDIS_URL'] = redis.url
    expect(await runReadmeExamples(import.meta.url)).toBe(1)
  },
)
