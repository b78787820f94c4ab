import { type FrameSource, FrameType, type SentFrame } from '@stt/frame'
import type { PunchingPart } from '../punch/punching-part.ts'
import type { SessionEvent } from '../session-events.ts'
import type { ControlFrames } from './control-frames.ts'
import type { DeliveryHandler } from './delivery-tracker.ts'

/** Reports the outcome of each frame to the part that sent it: the streams, or a queue of the session. */
export function createDeliveryHandler(
  source: FrameSource,
  control: ControlFrames,
  emit: (event: SessionEvent) => void,
  punching: PunchingPart | undefined,
): DeliveryHandler {
  return {
    onFrameAcknowledged(frame, packet, now) {
      switch (frame.type) {
        case FrameType.HandshakeDone:
        case FrameType.Ping: {
          const ping = control.onAcknowledged(frame)
          if (ping !== undefined) emit({ type: 'pong', ping, rtt: now - packet.sentAt })
          return
        }
        case FrameType.Datagram:
          // A datagram that was declared lost is settled already.
          if (!packet.lost) emit({ type: 'datagram-settled', datagram: frame.id, outcome: 'acknowledged' })
          return
        default:
          return isOfPunching(frame) ? punching?.onAcknowledged(frame, now) : source.onFrameAcknowledged(frame)
      }
    },
    // spec: STT-PKT-33
    onFrameLost(frame) {
      switch (frame.type) {
        case FrameType.HandshakeDone:
        case FrameType.Ping:
          control.requeue(frame)
          return
        case FrameType.Datagram:
          return emit({ type: 'datagram-settled', datagram: frame.id, outcome: 'lost' })
        default:
          return isOfPunching(frame) ? void punching?.onLost(frame) : source.onFrameLost(frame)
      }
    },
    onFrameProbed(frame) {
      switch (frame.type) {
        case FrameType.HandshakeDone:
        case FrameType.Ping:
          return control.requeue(frame)
        case FrameType.Datagram:
          // Datagrams are sent once: a probe carries other frames.
          return false
        default:
          if (isOfPunching(frame)) return punching?.onLost(frame) ?? false
          source.onFrameLost(frame)
          return true
      }
    },
  }
}

function isOfPunching({ type }: SentFrame): boolean {
  return type === FrameType.Addresses || type === FrameType.Punch || type === FrameType.Observed
}
