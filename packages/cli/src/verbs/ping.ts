import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { Meeting } from '../meet/meeting.ts'
import { describeKind, pathKind } from '../meet/path-kind.ts'

export interface PingOptions {
  readonly address: readonly string[]
  readonly relay: readonly string[]
  readonly count: number
  /** Milliseconds. */
  readonly timeout: number
}

/** Measures round trips to the other machine, on which `stt receive`, `stt pipe` or `stt expose` answers. */
export async function ping(name: string, options: PingOptions, context: Context): Promise<void> {
  const { output, signal } = context
  const meeting = await Meeting.open(name, 'ping', { relays: options.relay }, context)
  try {
    const counterpart = `stt receive ${meeting.nameThere}`
    const session = await meeting.dial({ addresses: options.address, patience: options.timeout, counterpart })
    const times: number[] = []
    for (let sequence = 1; sequence <= options.count; sequence++) {
      if (sequence > 1) await delay(INTERVAL, undefined, { signal })
      const rtt = await session.ping({ signal })
      const kind = session.path ? pathKind(session.path) : 'direct'
      times.push(rtt)
      output.line({ type: 'ping', sequence, rtt, kind })
      output.result(`${name}: ${rtt.toFixed(2)} ms, ${describeKind(kind)}`)
    }
    if (times.length > 1) {
      const mean = times.reduce((sum, time) => sum + time, 0) / times.length
      const shown = [Math.min(...times), mean, Math.max(...times)].map(time => time.toFixed(2)).join(' / ')
      output.result(`${times.length} round trips, least / mean / most: ${shown} ms`)
    }
    await session.close()
  } finally {
    await meeting.close()
  }
}

/** Milliseconds between two pings. */
const INTERVAL = 250
