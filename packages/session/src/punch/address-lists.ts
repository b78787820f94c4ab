import {
  addressListSize,
  type Candidate,
  FrameType,
  OBSERVED_SIZE,
  type SentFrame,
  writeAddressList,
  writeObserved,
} from '@stt/frame'

type ListType = typeof FrameType.Addresses | typeof FrameType.Punch | typeof FrameType.Observed

/** Lists of addresses for the peer: of each kind only the newest, sent until it has arrived. */
// spec: STT-PKT-60
export class AddressLists {
  readonly #lists = new Map<ListType, { number: number; candidates: readonly Candidate[]; waits: boolean }>()

  get isPending(): boolean {
    for (const { waits } of this.#lists.values()) if (waits) return true
    return false
  }

  /** @returns the number of the list, from 1 */
  tell(type: ListType, candidates: readonly Candidate[]): number {
    const number = (this.#lists.get(type)?.number ?? 0) + 1
    this.#lists.set(type, { number, candidates, waits: true })
    return number
  }

  /** Writes the lists that wait and fit. @returns the offset after them */
  write(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[]): number {
    let at = offset
    for (const [type, list] of this.#lists) {
      const isObserved = type === FrameType.Observed
      if (!list.waits || at + (isObserved ? OBSERVED_SIZE : addressListSize(list)) > limit) continue
      at = isObserved ? writeObserved(buffer, at, list.candidates[0]!) : writeAddressList(buffer, at, type, list)
      list.waits = false
      sent.push({ type, id: list.number, offset: 0, length: 0, fin: false })
    }
    return at
  }

  /** Whether the frame holds the newest list of its kind. */
  isNewest({ type, id }: SentFrame): boolean {
    return this.#lists.get(type as ListType)?.number === id
  }

  /** @returns whether the list waits to be sent again */
  onLost(frame: SentFrame): boolean {
    if (!this.isNewest(frame)) return false
    this.#lists.get(frame.type as ListType)!.waits = true
    return true
  }
}
