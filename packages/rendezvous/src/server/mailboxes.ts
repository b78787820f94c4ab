import { equalBytes, fromHex, phe, toHex } from '@stt/crypto'
import { Deadlines } from '../deadlines.ts'
import type { MailboxClaim } from '../messages/message.ts'

/** A name and its owner, as the instances of a relay tell each other. */
export interface OwnedName {
  /** The name, 32 bytes. */
  readonly mailbox: Uint8Array
  /** Digest of the owner's token, 16 bytes. The first owner keeps the name from all others. */
  readonly owner: Uint8Array
}

/** The result of a claim. */
export interface Claimed<Leg> {
  /** Number of names that the leg has now. */
  readonly held: number
  /** Whether another token holds one of the claimed names. */
  readonly isTaken: boolean
  /** Legs that hold a claimed name with another token. The relay has to ask whether they are alive. */
  readonly holders: readonly Leg[]
}

/**
 * The listeners by name. A name belongs to the token that claimed it first. Other holders of the seed can compute the name, but not
 * the token. Only a digest of the token is kept.
 */
export class Mailboxes<Leg extends object> {
  readonly #boxes = new Map<string, Box<Leg>>()
  readonly #held = new Map<Leg, readonly string[]>()
  /** Names without a leg, which stay reserved for their token for a while. */
  readonly #reserved = new Deadlines<string>(RESERVED_FOR)
  readonly #maxReserved: number

  constructor(maxReserved: number) {
    this.#maxReserved = maxReserved
  }

  /** Number of names that are held or reserved. */
  get size(): number {
    return this.#boxes.size
  }

  /** When to call `onTime`, in milliseconds. */
  get deadline(): number {
    return this.#reserved.next
  }

  /** The leg that listens under the first of the names that has one. */
  find(names: readonly Uint8Array[]): Leg | undefined {
    for (const name of names) {
      const leg = this.#boxes.get(toHex(name))?.leg
      if (leg) return leg
    }
    return undefined
  }

  /** Gives the leg the claimed names that are free or belong to its token, in place of its previous names. */
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

  /** The names of a leg. */
  namesOf(leg: Leg): readonly OwnedName[] {
    return (this.#held.get(leg) ?? []).flatMap(name => {
      const box = this.#boxes.get(name)
      // Another leg with the same token may have it.
      return box?.leg === leg ? [{ mailbox: fromHex(name)!, owner: box.digest.slice(0, OWNER_SIZE) }] : []
    })
  }

  /** Takes a name from the leg, because its owner listens at another instance. */
  release(leg: Leg, mailbox: Uint8Array): void {
    const name = toHex(mailbox)
    this.#free(name, leg)
    const held = this.#held.get(leg)
    if (held) this.#held.set(leg, held.filter(each => each !== name)) // biome-ignore format: one line
  }

  /** The leg is gone. Its names stay reserved for their token for a while. */
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

  /** Frees names whose reservation is over. */
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
  /** Undefined for a reserved name. */
  readonly leg: Leg | undefined
}

const OWNER_SIZE = 16

/** Milliseconds. */
const RESERVED_FOR = 30_000
