/** What only a listener needs: nothing of it is loaded with the rest. */
export { answerHellos } from './manager/listening.ts'
export { Responder } from './responder.ts'
