import { type FrameSource, FrameType } from '@stt/frame'
import type { ControlFrames } from './control-frames.ts'
import type { FrameFate } from './recovery.ts'
import type { SessionEvent } from './session-events.ts'

/** Tells whom it concerns what became of a frame: the streams, or the session's own waiting lists. */
export function createFrameFate(
  source: FrameSource,
  control: ControlFrames,
  emit: (event: SessionEvent) => void,
): FrameFate {
  return {
    onFrameAcknowledged(frame, packet, now) {
      switch (frame.type) {
        case FrameType.HandshakeDone:
          return
        case FrameType.Ping:
          return emit({ type: 'pong', ping: frame.id, rtt: now - packet.sentAt })
        case FrameType.Datagram:
          // One that had been declared lost has been settled already.
          if (!packet.lost) emit({ type: 'datagram-settled', datagram: frame.id, outcome: 'acknowledged' })
          return
        default:
          return source.onFrameAcknowledged(frame)
      }
    },
    onFrameLost(frame) {
      switch (frame.type) {
        case FrameType.HandshakeDone:
        case FrameType.Ping:
          return control.onLost(frame)
        case FrameType.Datagram:
          return emit({ type: 'datagram-settled', datagram: frame.id, outcome: 'lost' })
        default:
          return source.onFrameLost(frame)
      }
    },
  }
}
