// npm run bench:page: upload and download of a page in each browser, over STT and over a WebSocket of the same page.
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { bundleForPage, findChromium, findFirefox, launchChromium, launchFirefox, serve } from '@stt/testing/page'
import { renderTable } from '../table.ts'
import { type Ends, openEnds } from './ends.ts'
import type { MeasuredPage } from './measured.ts'
import type { Direction } from './request.ts'

/** A page, whoever drives its browser. */
interface Tab {
  call<K extends keyof MeasuredPage>(method: K, ...parameters: Parameters<MeasuredPage[K]>): Promise<unknown>
  close(): Promise<void>
}

const { values } = parseArgs({ options: { size: { type: 'string', default: '64' }, rounds: { type: 'string', default: '5' } } }) // biome-ignore format: one line
const [megabytes, rounds] = [Number(values.size), Number(values.rounds)]
if (!(megabytes > 0) || !(rounds > 0)) {
  console.error('usage: npm run bench:page -- [--size MEGABYTES] [--rounds 5]')
  process.exit(2)
}
const size = megabytes * 1_000_000
const WARM_UP = 16_000_000

const began = performance.now()
const { files } = await bundleForPage("import './measured.ts'", import.meta.dirname)
const site = await serve(files)
const ends = await openEnds()
const rows = []
for (const [name, open] of browsers()) rows.push(...(await measure(name, await open(site.origin), ends)))
await ends.close()
await site.close()
const notes = [`${megabytes} MB, ${rounds} rounds in turn, on one loopback; the other end of both is Node`]
console.log(renderTable({ title: 'page', unit: 'MB/s', better: 'higher', reference: 'WebSocket', notes, rows: [] }, rows)) // biome-ignore format: one line
console.log(
  `\nNode ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}; ${((performance.now() - began) / 1_000).toFixed(0)} s, load ${loadavg()[0]!.toFixed(1)}`,
)

async function measure(name: string, tab: Tab, { address, seed, url }: Ends) {
  await tab.call('connect', address, seed)
  const run = {
    STT: (direction: Direction, bytes: number) => tab.call('stt', direction, bytes),
    WebSocket: (direction: Direction, bytes: number) => tab.call('bare', url, direction, bytes),
  }
  const measured = (['up', 'down'] as const).map(direction => ({ direction, STT: [] as number[], WebSocket: [] as number[] })) // biome-ignore format: one line
  // Not measured: what is compiled, and loaded once a transfer is worth it.
  for (const { direction } of measured) for (const go of Object.values(run)) await go(direction, WARM_UP)
  for (let round = 0; round < rounds; round++) {
    for (const row of measured) {
      const turns = round % 2 === 0 ? (['STT', 'WebSocket'] as const) : (['WebSocket', 'STT'] as const)
      for (const who of turns) row[who].push(megabytes / ((await run[who](row.direction, size)) as number))
    }
  }
  const provider = await tab.call('provider')
  await tab.close()
  return measured.map(({ direction, STT, WebSocket }) => ({
    name: `${name}, ${direction === 'up' ? 'upload' : 'download'} (${provider})`,
    figures: new Map([
      ['STT', STT],
      ['WebSocket', WebSocket],
    ]),
  }))
}

function* browsers(): Generator<readonly [string, (origin: string) => Promise<Tab>]> {
  const [chromium, firefox] = [findChromium(), findFirefox()]
  if (chromium) yield ['Chromium', origin => inChromium(chromium, origin)]
  else console.error('SKIPPED: Chromium is not installed')
  if (firefox) yield ['Firefox', origin => inFirefox(firefox, origin)]
  else console.error('SKIPPED: Firefox is not installed')
}

async function inChromium(path: string, origin: string): Promise<Tab> {
  const browser = await launchChromium(path)
  const tab = await browser.newPage()
  await tab.goto(origin)
  return { call: (method, ...parameters) => tab.evaluate(expression(method, parameters)), close: () => browser.close() }
}

async function inFirefox(path: string, origin: string): Promise<Tab> {
  const browser = await launchFirefox(path)
  const tab = await browser.newPage()
  await tab.goto(origin)
  return { call: (method, ...parameters) => tab.evaluate(expression(method, parameters)), close: () => browser.close() }
}

function expression(method: string, parameters: readonly unknown[]): string {
  return `page[${JSON.stringify(method)}](...${JSON.stringify(parameters)})`
}
