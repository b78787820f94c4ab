import type { Environment } from '../core/environment.ts'
import { acceptLink } from './accept-link.ts'
import { listenerPlugin } from './listener-plugin.ts'

/** What a page that others dial by its relays has beyond one that dials: loaded by such pages alone. */
export const pageListening: Pick<Environment, 'listener' | 'acceptLink'> = { listener: listenerPlugin, acceptLink }
