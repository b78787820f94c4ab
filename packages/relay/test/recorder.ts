import { RELAY_SUBPROTOCOL } from '@stt/rendezvous'
import { dialWebSocket, listenWebSocket, type WebSocketLink } from '@stt/transport-ws'
import { onTestFinished } from 'vitest'

export interface Recorder {
  readonly url: string
}

/** Stands before a relay, passes everything on, and hears all that the relay hears and says. Ends with the test. */
export async function recorder(url: () => string, heard: (message: Uint8Array) => void): Promise<Recorder> {
  const listener = await listenWebSocket({ subprotocols: [RELAY_SUBPROTOCOL] })
  onTestFinished(() => listener.close())
  const pass = (from: WebSocketLink, to: WebSocketLink): void => {
    from.onPacket = message => {
      heard(message.slice())
      if (!to.send(message)) from.pause()
    }
    to.onDrain = () => from.resume()
    from.onClose = () => to.close()
  }
  listener.onLink = client => {
    client.confirm()
    client.pause()
    const lost = (): void => client.close()
    dialWebSocket(url(), { subprotocol: RELAY_SUBPROTOCOL }).then(relay => {
      pass(client, relay)
      pass(relay, client)
      client.resume()
    }, lost)
  }
  return { url: listener.address }
}
