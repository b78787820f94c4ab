import { networkInterfaces } from 'node:os'
import { type Interfaces, type OwnAddress, ownAddresses } from '../addresses/own-addresses.ts'

let known: Interfaces = {}
let knownUntil = Number.NEGATIVE_INFINITY

/** The interfaces of this machine, as they were half a second ago at most: the system takes as long to tell as to dial. May throw. */
export function systemInterfaces(): Interfaces {
  const now = performance.now()
  if (now >= knownUntil) {
    known = networkInterfaces()
    knownUntil = now + FRESH
  }
  return known
}

/** The addresses of this machine; none where the system does not tell them, as some systems of phones do not. */
export function systemAddresses(): readonly OwnAddress[] {
  try {
    return ownAddresses(systemInterfaces())
  } catch {
    return []
  }
}

/** Milliseconds. */
const FRESH = 500
