// Prints the goodput grid as Markdown: `npm run goodput`.
import { type Cell, measureCell } from './goodput.ts'

const rates = [1e6, 10e6, 100e6, 1e9]
const rtts = [10, 50, 100, 300]
const losses = [0, 0.0001, 0.001, 0.01, 0.03]

const megabits = (bytesPerSecond: number): string => {
  const value = (bytesPerSecond * 8) / 1e6
  return Number.isFinite(value) ? value.toPrecision(3) : '–'
}

console.log(
  '| rate Mbit/s | RTT ms | loss | RTT seen ms | equation Mbit/s | reached Mbit/s | reached / min(equation, rate) |',
)
console.log('|---|---|---|---|---|---|---|')
let worst = Number.POSITIVE_INFINITY
for (const rate of rates) {
  for (const rtt of rtts) {
    for (const loss of losses) {
      const cell: Cell = { rate, rtt, loss }
      const { equation, reached, ratio, seenRtt } = measureCell(cell, 1)
      worst = Math.min(worst, ratio)
      console.log(
        `| ${rate / 1e6} | ${rtt} | ${loss * 100} % | ${seenRtt.toFixed(1)} | ${megabits(equation)} | ${megabits(reached)} | ${ratio.toFixed(2)} |`,
      )
    }
  }
}
console.log(`\nSmallest ratio: ${worst.toFixed(2)}`)
