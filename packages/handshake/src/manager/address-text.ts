/** Whether messages to this address may be lost, doubled and forged with another's address: only udp. */
export function isDatagramAddress(address: string): boolean {
  return address.startsWith('udp://')
}

/** An address as people know it: without the fragment that tells several links there apart. */
export function shownAddress(address: string): string {
  return address.split('#', 1)[0]!
}
