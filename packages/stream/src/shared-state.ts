import type { StreamLimits } from './limits.ts'
import type { MessageSlots } from './message-slots.ts'
import type { Queue } from './queue.ts'
import type { ReceiveBudget } from './receive-budget.ts'
import type { ReceiveMemory } from './receive-memory.ts'
import type { Scheduler } from './scheduler.ts'
import type { SessionSendCredit } from './session-credit.ts'
import type { StreamCore } from './stream-core.ts'
import type { EventQueue } from './stream-events.ts'

/** What the streams of one session share. */
export interface SharedState {
  readonly limits: StreamLimits
  readonly maxMessage: { readonly send: number; readonly receive: number }
  readonly sendCredit: SessionSendCredit
  readonly budget: ReceiveBudget
  readonly memory: ReceiveMemory
  readonly scheduler: Scheduler<StreamCore>
  /** Streams with RESET, STOP or MAX_STREAM_DATA to write. */
  readonly control: Queue<StreamCore>
  /** Streams whose writer waits for session credit. */
  readonly blocked: Queue<StreamCore>
  readonly slots: MessageSlots<StreamCore>
  readonly events: EventQueue
  /** To be called when the application's call is done: tells the driver when there is something to do. */
  wake(): void
  /** Called once for each stream, when both of its parts are over and the application has taken it. */
  release(core: StreamCore): void
}
