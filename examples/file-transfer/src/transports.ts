/** The transports that the demo goes through, one after another. Port 0: the system picks a free one. */
export const TRANSPORTS: readonly { readonly name: string; readonly listen: string }[] = [
  { name: 'WebSocket', listen: 'ws://127.0.0.1:0' },
]
