import { describe, expect, it } from 'vitest'
import type { Benchmark, Contestant } from './benchmark.ts'
import { interleave } from './interleave.ts'
import { micro } from './micro.ts'
import { run } from './run.ts'
import { summarize, summarizeRatios } from './stats.ts'

describe('statistics', () => {
  it('takes the middle of the sorted samples', () => {
    expect(summarize([30, 9, 20])).toEqual({ median: 20, min: 9, max: 30 })
    expect(summarize([4, 1, 3, 2]).median).toBe(2.5)
  })

  it('compares round by round, so that a slow round of both is no difference', () => {
    expect(summarizeRatios([2, 4, 200], [1, 2, 100], 'higher')).toEqual({ median: 2, min: 2, max: 2 })
    expect(summarizeRatios([10, 20], [20, 40], 'lower').median).toBe(2)
    expect(() => summarizeRatios([1], [1, 2], 'higher')).toThrow(RangeError)
  })
})

describe('interleave', () => {
  const recorder = (name: string, turns: string[], figures: number[]): Contestant => ({
    name,
    measure: async () => {
      turns.push(name)
      return figures.shift()!
    },
    close: () => void turns.push(`close ${name}`),
  })

  it('measures in turn, begins each round with another one, and closes all', async () => {
    const turns: string[] = []
    const figures = await interleave([recorder('a', turns, [1, 2]), recorder('b', turns, [3, 4])], 2)
    expect(turns).toEqual(['a', 'b', 'b', 'a', 'close a', 'close b'])
    expect([...figures]).toEqual([
      ['a', [1, 2]],
      ['b', [3, 4]],
    ])
  })

  it('closes all when one fails', async () => {
    const turns: string[] = []
    const failing: Contestant = { name: 'b', measure: () => Promise.reject(new Error('lost')) }
    await expect(interleave([recorder('a', turns, [1]), failing], 1)).rejects.toThrow('lost')
    expect(turns).toEqual(['a', 'close a'])
  })
})

describe('run', () => {
  it('prints one table with ratios against the reference', async () => {
    const fixed = (name: string, figure: number): Contestant => ({ name, measure: () => figure })
    const benchmark: Benchmark = {
      title: 'bulk',
      unit: 'MB/s',
      better: 'higher',
      reference: 'peer',
      rows: [{ name: 'one stream', contestants: [fixed('stt', 1500), fixed('peer', 600)] }],
      notes: ['64 MiB'],
    }
    const table = await run(benchmark, { rounds: 3 })
    expect(table.split('\n').slice(0, 3)).toEqual([
      'bulk        contestant   MB/s      min–max  × peer    min–max',
      'one stream  stt         1,500  1,500–1,500    2.50  2.50–2.50',
      '            peer          600      600–600',
    ])
    expect(table).toContain('higher is better\n64 MiB\n')
  })

  it('times a function in thousand operations a second', async () => {
    let calls = 0
    expect(await micro('count', () => ++calls, 1).measure()).toBeGreaterThan(0)
    expect(calls).toBeGreaterThan(1)
  })
})
