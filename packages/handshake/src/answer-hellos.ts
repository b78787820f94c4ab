// The entry `@stt/handshake/listen`, which only a program that listens loads.

import { HelloHandler } from './manager/hello-handler.ts'
import { HelloPlugin } from './manager/hello-plugin.ts'

export { Responder } from './responder.ts'

/** The `listen` option of a `HandshakeManager` that answers HELLOs. */
export const answerHellos: HelloPlugin = new HelloPlugin(context => new HelloHandler(context))
