/** Subprotocol of STT version 1; both ends require it. */
export const SUBPROTOCOL = 'stt.v1'
