// Writes docs/udp-goodput.md: `npm run goodput`, some four minutes.
import { measureCell } from './goodput.ts'

const rates = [1e6, 10e6, 100e6, 1e9]
const rtts = [10, 50, 100, 300]
const losses = [0, 0.0001, 0.001, 0.01, 0.03]

const megabits = (bytesPerSecond: number): string => {
  const value = (bytesPerSecond * 8) / 1e6
  return Number.isFinite(value) ? `${Number(value.toPrecision(3))}` : '–'
}

const row = (cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`)

console.log(`# Goodput of one UDP flow

Written by \`npm run goodput\`: one \`LossRecovery\` (CUBIC) in virtual time. The sender always has more to send; datagrams have
1,200 bytes; loss is random and independent; the queue holds one bandwidth-delay product and at least 25 datagrams. The second
half of each run is measured. *RTT seen* is the mean smoothed round trip, which includes the queue that the flow builds and the
time that a datagram itself takes on a slow link. *Equation* is the larger of CUBIC's average rate (RFC 9438 §5.1) and Reno's
(√1.5/√p), at the round trip seen, less the share that is lost. *Ratio* is the rate reached over the smaller of equation and
link rate.
`)
row(['rate Mbit/s', 'RTT ms', 'loss %', 'RTT seen ms', 'equation Mbit/s', 'reached Mbit/s', 'ratio'])
row(new Array(7).fill('---'))
let worst = Number.POSITIVE_INFINITY
for (const rate of rates) {
  for (const rtt of rtts) {
    for (const loss of losses) {
      const { equation, reached, ratio, seenRtt } = measureCell({ rate, rtt, loss }, 1)
      worst = Math.min(worst, ratio)
      const figures = [seenRtt.toFixed(1), megabits(equation), megabits(reached), ratio.toFixed(2)]
      row([rate / 1e6, rtt, loss * 100, ...figures])
    }
  }
}
console.log(`
The smallest ratio is ${worst.toFixed(2)}. It is above 1 where CUBIC recovers faster from losses at random distances than from
evenly spaced ones, which the equation assumes.`)
