import { CloseCode, type FrameSource, type FrameVisitor, ProtocolError } from '@stt/frame'

/** What a session does with the frames that are its own. */
export interface SessionFrameHandler {
  onAck(ranges: readonly number[], delay: number): void
  onPathChallenge(data: Uint8Array): void
  onPathResponse(data: Uint8Array): void
  onClose(app: boolean, code: number, reason: string): void
  onHandshakeDone(): void
  onDatagram(data: Uint8Array): void
}

/** Hands the frames of one packet to whom they concern, and notes whether one of them wants its ACK at once. */
export class IncomingFrames implements FrameVisitor {
  readonly #source: FrameSource
  readonly #session: SessionFrameHandler
  #urgent = false
  #closeOnly = false

  constructor(source: FrameSource, session: SessionFrameHandler) {
    this.#source = source
    this.#session = session
  }

  /** Whether a frame since `begin` is one whose sender waits for the ACK. */
  get urgent(): boolean {
    return this.#urgent
  }

  /** @param closeOnly the session has sent CLOSE: of what arrives only the peer's CLOSE still means something */
  begin(closeOnly: boolean): void {
    this.#urgent = false
    this.#closeOnly = closeOnly
  }

  onStream(id: number, offset: number, data: Uint8Array, fin: boolean): void {
    if (this.#closeOnly) return
    this.#urgent ||= fin
    this.#source.onStream(id, offset, data, fin)
  }

  onReset(id: number, code: number, finalSize: number): void {
    if (this.#closeOnly) return
    this.#urgent = true
    this.#source.onReset(id, code, finalSize)
  }

  onStop(id: number, code: number): void {
    if (!this.#closeOnly) this.#source.onStop(id, code)
  }

  onMaxData(max: number): void {
    if (!this.#closeOnly) this.#source.onMaxData(max)
  }

  onMaxStreamData(id: number, max: number): void {
    if (!this.#closeOnly) this.#source.onMaxStreamData(id, max)
  }

  onMaxStreams(unidirectional: boolean, max: number): void {
    if (!this.#closeOnly) this.#source.onMaxStreams(unidirectional, max)
  }

  onPing(): void {
    this.#urgent = true
  }

  onAck(ranges: readonly number[], delay: number): void {
    if (!this.#closeOnly) this.#session.onAck(ranges, delay)
  }

  onPathChallenge(data: Uint8Array): void {
    this.#urgent = true
    if (!this.#closeOnly) this.#session.onPathChallenge(data)
  }

  onPathResponse(data: Uint8Array): void {
    this.#urgent = true
    if (!this.#closeOnly) this.#session.onPathResponse(data)
  }

  onClose(app: boolean, code: number, reason: string): void {
    this.#session.onClose(app, code, reason)
  }

  onHandshakeDone(): void {
    this.#urgent = true
    if (!this.#closeOnly) this.#session.onHandshakeDone()
  }

  onDatagram(data: Uint8Array): void {
    if (!this.#closeOnly) this.#session.onDatagram(data)
  }
}

/** A frame that only an initiator sends came from a responder. */
export const wrongRole = (frame: string): ProtocolError =>
  new ProtocolError(CloseCode.ProtocolViolation, `the peer sent ${frame}, which only an initiator may send`)
