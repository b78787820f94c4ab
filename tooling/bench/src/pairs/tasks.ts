import type { Task } from './measure.ts'

/** @param part of the work that is done, for a quick look: 1 for all of it */
export function tasksOf(part: number): readonly Task[] {
  const work = (warm: number, amount: number) => ({ warm: Math.ceil(warm * part), amount: Math.ceil(amount * part) })
  const upload = { kind: 'upload', unit: 'ms/MB', scale: 1_000, ...work(16 * MEBIBYTE, 128 * MEBIBYTE) } as const
  const ping = { kind: 'ping', unit: 'µs', scale: 1, ...work(500, 5_000) } as const
  const handshake = { kind: 'handshake', unit: 'ms', scale: 0.001, ...work(20, 200) } as const
  return [
    { name: 'upload, WebSocket', listen: WS, ...upload },
    { name: 'upload, UDP', listen: UDP, ...upload },
    { name: 'upload, UDP, 1,452 bytes', listen: UDP, udp: ETHERNET, ...upload, ...work(8 * MEBIBYTE, 32 * MEBIBYTE) },
    { name: 'ping, WebSocket', listen: WS, ...ping },
    { name: 'ping, UDP', listen: UDP, ...ping },
    { name: 'handshake, WebSocket', listen: WS, ...handshake },
    { name: 'handshake, UDP', listen: UDP, ...handshake },
  ]
}

const MEBIBYTE = 1_048_576
const WS = 'ws://127.0.0.1:0'
const UDP = 'udp://127.0.0.1:0'
/** Loopback carries packets of 60 KB, which hide what each packet costs. */
const ETHERNET = { maxPacketSize: 1_452 }
