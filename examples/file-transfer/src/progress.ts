import { performance } from 'node:perf_hooks'
import { SingleBar } from 'cli-progress'
import { describeRate, describeSize } from './format.ts'

export interface ProgressBar {
  readonly update: (done: number) => void
  readonly stop: () => void
}

/** Where no bar is wanted. */
export const NO_BAR: ProgressBar = { update() {}, stop() {} }

/** A progress bar on stdout with rate and time left; where stdout is no terminal, one line every two seconds. */
export function progressBar(total: number): ProgressBar {
  const started = performance.now()
  const bar = new SingleBar({
    format: '{bar} {percentage}% of {size} | {rate} | {eta_formatted} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    stream: process.stdout,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
    emptyOnZero: true,
    etaBuffer: 200,
  })
  bar.start(total, 0, { size: describeSize(total), rate: describeRate(0, 0) })
  return {
    update: done => bar.update(done, { rate: describeRate(done, performance.now() - started) }),
    stop: () => bar.stop(),
  }
}
