import type { Environment } from '../core/environment.ts'
import { acceptLink } from './accept-link.ts'
import { listenerPlugin } from './listener-plugin.ts'

/** The code that a page needs to be dialed through its relays; a page that only dials does not load it. */
export const pageListening: Pick<Environment, 'listener' | 'acceptLink'> = { listener: listenerPlugin, acceptLink }
