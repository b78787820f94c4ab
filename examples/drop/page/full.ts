import { isSttError } from '@stt/errors'

/** Whether the browser's quota is used up. */
export const isFull = (error: unknown): boolean =>
  isSttError(error, 'STT_CHAMBER_STORE') && error.details['code'] === 'EDQUOT'

/** The reason that the other side is told then. */
export const NO_SPACE = 'its browser has no more space for the page'
