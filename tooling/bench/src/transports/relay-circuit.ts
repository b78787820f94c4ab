import { decodeMessage, RELAY_SUBPROTOCOL } from '@stt/rendezvous'
import { dialWebSocket, type WebSocketLink } from '@stt/transport-ws'

/** One end of a circuit: the link once it is spliced, paused. @param request DIAL or ACCEPT */
export async function openCircuit(relay: string, request: Uint8Array): Promise<WebSocketLink> {
  const link = await dialWebSocket(relay, { subprotocol: RELAY_SUBPROTOCOL })
  return new Promise((resolve, reject) => {
    link.onPacket = bytes => {
      const message = decodeMessage(bytes)
      if (message.type === 'greeting') link.send(request)
      else if (message.type === 'spliced') {
        link.pause()
        resolve(link)
      } else reject(new Error(`the relay says ${JSON.stringify(message)}`))
    }
  })
}
