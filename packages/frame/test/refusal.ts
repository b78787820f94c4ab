import { type FrameRule, ProtocolError } from '../src/index.ts'

export interface Refusal {
  readonly rule: FrameRule
  readonly offset: number
  readonly closeCode: number
}

/** How `action` refused its bytes; `undefined` when it took them. Any other exception is a bug and passes through. */
export function refusalOf(action: () => void): Refusal | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const { rule, offset } = error.details
    return { rule: rule as FrameRule, offset: Number(offset), closeCode: error.closeCode }
  }
}
