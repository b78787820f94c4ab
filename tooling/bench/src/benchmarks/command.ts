import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark, Contestant } from '../benchmark.ts'
import { emptied, type Mover, plain, stt, wormhole } from '../command/peers.ts'

/** Files from one folder to another by two programs, each from its start to its end. `TMPDIR` says on which disk. */
export async function benchmarks(): Promise<readonly Benchmark[]> {
  const folder = mkdtempSync(join(tmpdir(), 'stt-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const large = join(folder, 'large')
  writeFileSync(large, '')
  for (let i = 0; i < LARGE_PIECES; i++) appendFileSync(large, randomBytes(PIECE))
  const small = join(folder, 'small')
  for (let i = 0; i < 100; i++) {
    mkdirSync(join(small, String(i)), { recursive: true })
    for (let j = 0; j < SMALL_FILES / 100; j++) writeFileSync(join(small, String(i), String(j)), randomBytes(4_096))
  }
  const other = wormhole(folder)
  const [overWs, overUdp] = [await stt(folder, 'ws'), await stt(folder, 'udp')]
  const [tar, hash] = [await plain(folder, 'tar'), await plain(folder, 'hash')]
  const per =
    (what: string, amount: number) =>
    (mover: Mover): Contestant => ({
      name: mover.name,
      measure: async () => (amount / (await mover.move(what, emptied(join(folder, 'into'))))) * 1_000,
    })
  const peers = other ? [other] : []
  const lastly = (contestants: Contestant[]): Contestant[] => {
    const [first, ...others] = contestants
    return [{ ...first!, close: () => other?.close?.() }, ...others]
  }
  return [
    {
      title: 'Command: one file of 500 MB',
      unit: 'MB/s',
      better: 'higher',
      reference: tar.name,
      rows: [{ name: 'from start to end', contestants: [overWs, overUdp, tar, hash, ...peers].map(per(large, (LARGE_PIECES * PIECE) / 1e6)) }], // biome-ignore format: one line
      notes: [`in ${tmpdir()}; magic-wormhole: ${other ? 'both ends start at once' : 'not installed'}`],
    },
    {
      title: 'Command: 10,000 files of 4 KiB',
      unit: 'files/s',
      better: 'higher',
      reference: tar.name,
      rows: [{ name: 'from start to end', contestants: lastly([overWs, overUdp, tar, ...peers].map(per(small, SMALL_FILES))) }], // biome-ignore format: one line
    },
  ]
}

const PIECE = 10_000_000
const LARGE_PIECES = 50
const SMALL_FILES = 10_000
