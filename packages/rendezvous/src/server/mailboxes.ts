import { equalBytes, fromHex, phe, toHex } from '@stt/crypto'
import { Deadlines } from '../deadlines.ts'
import type { MailboxClaim } from '../messages/message.ts'

/** A name and whose it is, as the instances of a relay tell each other. */
export interface OwnedName {
  /** 32 bytes. */
  readonly mailbox: Uint8Array
  /** 16 bytes, a digest of the token: who has it first keeps the name from all others. */
  readonly owner: Uint8Array
}

/** What became of a claim. */
export interface Claimed<Leg> {
  /** Mailboxes that the leg has now. */
  readonly held: number
  /** Whether another token holds one of them. */
  readonly isTaken: boolean
  /** Legs that hold what was claimed with another token: whether they live has to be asked. */
  readonly holders: readonly Leg[]
}

/**
 * Who listens under which name. A name belongs to the token that came first: others who hold the seed can compute the name,
 * and none of them the token. What is kept of a token is its digest.
 */
export class Mailboxes<Leg extends object> {
  readonly #boxes = new Map<string, Box<Leg>>()
  readonly #held = new Map<Leg, readonly string[]>()
  /** Names whose leg is gone, which stay its token's for a while. */
  readonly #reserved = new Deadlines<string>(RESERVED_FOR)
  readonly #maxReserved: number

  constructor(maxReserved: number) {
    this.#maxReserved = maxReserved
  }

  /** Names that are held or reserved. */
  get size(): number {
    return this.#boxes.size
  }

  get deadline(): number {
    return this.#reserved.next
  }

  /** The leg that listens under one of the names, the first one that is found. */
  find(names: readonly Uint8Array[]): Leg | undefined {
    for (const name of names) {
      const leg = this.#boxes.get(toHex(name))?.leg
      if (leg) return leg
    }
    return undefined
  }

  /** Gives the leg the names that are free or its token's own, in place of those that it had. */
  // spec: STT-RLY-9
  claim(leg: Leg, claims: readonly MailboxClaim[]): Claimed<Leg> {
    const held = new Set<string>()
    const holders = new Set<Leg>()
    let isTaken = false
    for (const { mailbox, token } of claims) {
      const name = toHex(mailbox)
      const digest = phe.digest('mailbox-token', token)
      const box = this.#boxes.get(name)
      if (box && !equalBytes(box.digest, digest)) {
        isTaken = true
        if (box.leg) holders.add(box.leg)
        continue
      }
      this.#boxes.set(name, { digest, leg })
      this.#reserved.delete(name)
      held.add(name)
    }
    for (const name of this.#held.get(leg) ?? []) if (!held.has(name)) this.#free(name, leg)
    this.#held.set(leg, [...held])
    return { held: held.size, isTaken, holders: [...holders] }
  }

  /** The names that a leg has now. */
  namesOf(leg: Leg): readonly OwnedName[] {
    return (this.#held.get(leg) ?? []).flatMap(name => {
      const box = this.#boxes.get(name)
      // Another leg of the same token has it.
      return box?.leg === leg ? [{ mailbox: fromHex(name)!, owner: box.digest.slice(0, OWNER_SIZE) }] : []
    })
  }

  /** Takes a name from the leg, for whoever has it elsewhere. */
  release(leg: Leg, mailbox: Uint8Array): void {
    const name = toHex(mailbox)
    this.#free(name, leg)
    const held = this.#held.get(leg)
    if (held) this.#held.set(leg, held.filter(each => each !== name)) // biome-ignore format: one line
  }

  /** The leg is gone: its names stay reserved for its token. */
  // spec: STT-RLY-9
  leave(leg: Leg, now: number): void {
    for (const name of this.#held.get(leg) ?? []) {
      const box = this.#boxes.get(name)
      if (box?.leg !== leg) continue
      this.#boxes.set(name, { digest: box.digest, leg: undefined })
      this.#reserved.set(name, now)
      if (this.#reserved.size > this.#maxReserved) this.#boxes.delete(this.#reserved.shift()!)
    }
    this.#held.delete(leg)
  }

  onTime(now: number): void {
    for (let name = this.#reserved.takeDue(now); name !== undefined; name = this.#reserved.takeDue(now)) {
      this.#boxes.delete(name)
    }
  }

  #free(name: string, leg: Leg): void {
    if (this.#boxes.get(name)?.leg === leg) this.#boxes.delete(name)
  }
}

interface Box<Leg> {
  readonly digest: Uint8Array
  /** Undefined: it is reserved. */
  readonly leg: Leg | undefined
}

const OWNER_SIZE = 16

/** Milliseconds. */
const RESERVED_FOR = 30_000
