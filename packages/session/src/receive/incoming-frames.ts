import { CloseCode, type FrameSource, type FrameVisitor, ProtocolError, type StreamFrameHandler } from '@stt/frame'

/** What a session does with the frames that are its own. */
export type SessionFrameHandler = Omit<FrameVisitor, keyof StreamFrameHandler | 'onPing'>

/** Hands the frames of one packet to whom they concern, and notes what they mean for ACK and path. */
export class IncomingFrames implements FrameVisitor {
  readonly #source: FrameSource
  readonly #session: SessionFrameHandler
  #urgent = false
  #isProbing = true
  #closeOnly = false
  #lasting = false
  /** What this packet has held, of the frames that it may hold once. */
  #acknowledges = false
  #challenges = false
  #responds = false

  constructor(source: FrameSource, session: SessionFrameHandler) {
    this.#source = source
    this.#session = session
  }

  /** Whether a frame since `begin` is one whose sender waits for the ACK. */
  get urgent(): boolean {
    return this.#urgent
  }

  /** Whether there was nothing since `begin` but PADDING and PATH_*. */
  get isProbing(): boolean {
    return this.#isProbing
  }

  /**
   * @param closeOnly the session has sent CLOSE: of what arrives only the peer's CLOSE still means something
   * @param lasting nobody writes to the packet's memory again
   */
  begin(closeOnly: boolean, lasting: boolean): void {
    this.#lasting = lasting
    this.#urgent = false
    this.#isProbing = true
    this.#closeOnly = closeOnly
    this.#acknowledges = false
    this.#challenges = false
    this.#responds = false
  }

  onStream(id: number, offset: number, data: Uint8Array, fin: boolean): void {
    if (this.#takes(fin)) this.#source.onStream(id, offset, data, fin, this.#lasting)
  }

  onReset(id: number, code: number, finalSize: number): void {
    if (this.#takes(true)) this.#source.onReset(id, code, finalSize)
  }

  onStop(id: number, code: number): void {
    if (this.#takes(false)) this.#source.onStop(id, code)
  }

  onMaxData(max: number): void {
    if (this.#takes(false)) this.#source.onMaxData(max)
  }

  onMaxStreamData(id: number, max: number): void {
    if (this.#takes(false)) this.#source.onMaxStreamData(id, max)
  }

  onMaxStreams(unidirectional: boolean, max: number): void {
    if (this.#takes(false)) this.#source.onMaxStreams(unidirectional, max)
  }

  onPing(): void {
    this.#takes(true)
  }

  onAck(ranges: readonly number[], delay: number): void {
    if (!this.#takes(false)) return
    if (this.#acknowledges) throw repeated('ACK')
    this.#acknowledges = true
    this.#session.onAck(ranges, delay)
  }

  onPathChallenge(data: Uint8Array): void {
    this.#urgent = true
    if (this.#closeOnly) return
    if (this.#challenges) throw repeated('PATH_CHALLENGE')
    this.#challenges = true
    this.#session.onPathChallenge(data)
  }

  onPathResponse(data: Uint8Array): void {
    this.#urgent = true
    if (this.#closeOnly) return
    if (this.#responds) throw repeated('PATH_RESPONSE')
    this.#responds = true
    this.#session.onPathResponse(data)
  }

  // spec: STT-PKT-27
  onClose(app: boolean, code: number, reason: string): void {
    this.#isProbing = false
    this.#session.onClose(app, code, reason)
    this.#closeOnly = true
  }

  onHandshakeDone(): void {
    if (this.#takes(true)) this.#session.onHandshakeDone()
  }

  onDatagram(data: Uint8Array): void {
    if (this.#takes(false)) this.#session.onDatagram(data)
  }

  /** Whether the frame at hand still means something. */
  #takes(urgent: boolean): boolean {
    this.#urgent ||= urgent
    this.#isProbing = false
    return !this.#closeOnly
  }
}

/** Each of these costs this side far more than the few bytes that it takes. */
// spec: STT-PKT-41
function repeated(frame: string): ProtocolError {
  return new ProtocolError(CloseCode.ProtocolViolation, `the peer sent a second ${frame} in one packet`)
}
