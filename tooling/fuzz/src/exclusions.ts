const PRIVATE = 'its constructor is private: what makes one is called'
const STORE = 'the chamber calls its store, with names that it made'
const HOT = 'called for each packet or frame, with what the engine has checked'
const OURS = 'how our packages word an error or check an argument: all but the value is written in the code that calls'
const PARTS = 'a part that only our own packages put together'

/** What is not called at random, and why; a name with a dot or a star at its end stands for all that begins with it. */
export const exclusions: Readonly<Record<string, string>> = {
  '@stt/chamber Chamber': PRIVATE,
  '@stt/chamber FilesystemStore.': STORE,
  '@stt/chamber MemoryStore.': STORE,
  '@stt/chamber FilesystemStore': 'its second argument is for tests, and no part of its types',
  '@stt/crypto Identity': PRIVATE,
  '@stt/crypto Seed': PRIVATE,
  '@stt/crypto argon2id': 'memory and time without end are legal: its own tests have the ranges',
  '@stt/crypto Seed.fromPassphrase': 'takes a second and 64 MiB by design',
  '@stt/crypto NoiseHandshake': 'the handshake drives it, with keys that it has checked',
  '@stt/crypto BySizeAeadKey.': HOT,
  '@stt/crypto NodeAeadKey.': HOT,
  '@stt/crypto PortableAeadKey.': HOT,
  '@stt/errors SttError': OURS,
  '@stt/errors abortable': OURS,
  '@stt/errors abortError': OURS,
  '@stt/errors onAbort': OURS,
  '@stt/errors giveBack': OURS,
  '@stt/errors printable': OURS,
  '@stt/errors bytesOf': OURS,
  '@stt/errors check*': OURS,
  '@stt/frame write*': HOT,
  '@stt/frame readCandidate': HOT,
  '@stt/frame readAddressList': HOT,
  '@stt/frame addressListSize': HOT,
  '@stt/frame is*': HOT,
  '@stt/frame packet*': HOT,
  '@stt/frame connectionIdKey': HOT,
  '@stt/frame ipPrefix': PARTS,
  '@stt/frame parseIpAddress': PARTS,
  '@stt/frame readMessageHeader': HOT,
  '@stt/frame closeSize': HOT,
  '@stt/frame varintSizeFrom': HOT,
  '@stt/frame ProtocolError': OURS,
  '@stt/frame ByteReader*': HOT,
  '@stt/frame FrameReader*': HOT,
  '@stt/frame Fifo*': PARTS,
  '@stt/handshake isHandshake': HOT,
  '@stt/handshake parseHandshakeHeader': HOT,
  '@stt/handshake answerHellos': PARTS,
  '@stt/session StatelessResets*': PARTS,
  '@stt/session resetToken': PARTS,
  '@stt/session createPunching': PARTS,
  '@stt/session HolePunching.': PARTS,
  '@stt/stream Stream': PARTS,
  '@stt/stream Stream.': HOT,
  '@stt/stream Queue*': PARTS,
  '@stt/recovery Cubic*': HOT,
  '@stt/recovery NewReno*': HOT,
  '@stt/recovery PathRecovery.': HOT,
  '@stt/recovery PacedCongestion.': HOT,
  '@stt/recovery RttEstimator*': HOT,
  '@stt/rendezvous RelayEngine*': PARTS,
  '@stt/rendezvous RelayListener*': PARTS,
  '@stt/rendezvous CircuitRequest*': PARTS,
  '@stt/rendezvous Redial*': PARTS,
  '@stt/rendezvous MappingJudge*': PARTS,
  '@stt/rendezvous AccessKeys*': PARTS,
  '@stt/rendezvous proveAccess': PARTS,
  '@stt/rendezvous isAllowedRedirect': PARTS,
  '@stt/rendezvous encode*': PARTS,
  '@stt/rendezvous decodeBind': PARTS,
  '@stt/rendezvous decodeBound': PARTS,
  '@stt/transport-udp DialedLink.receive': HOT,
  '@stt/transport-udp DialedLink.drained': HOT,
  '@stt/transport-udp PathRecovery.': HOT,
  '@stt/transport-udp SocketLink.receive': HOT,
  '@stt/transport-udp SocketLink.drained': HOT,
  '@stt/transport-udp checkUdpOptions': OURS,
  '@stt/transport-ws checkWebSocketOptions': OURS,
  '@stt/transport-ws usesProxy': PARTS,
  '@stt/transport-ws HttpListener.onLink': 'set by whoever listens, and called with a link',
  '@stt/transport-ws writeFrame': HOT,
  '@stt/transport-ws frameSize': HOT,
  '@stt/node Identity': PRIVATE,
  '@stt/node Seed': PRIVATE,
  '@stt/node Seed.fromPassphrase': 'takes a second and 64 MiB by design',
  '@stt/node SttError': OURS,
  '@stt/node STTNode': PRIVATE,
  '@stt/node AsyncQueue.': 'an iterable by its type, which is read only',
  '@stt/node node.listen': 'protected: create calls it',
}

/** @param name `@stt/crypto Seed.fromHex` */
export function isExcluded(name: string): boolean {
  return Object.keys(exclusions).some(pattern => covers(pattern, name))
}

export function covers(pattern: string, name: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1))
  return pattern.endsWith('.') ? name.startsWith(pattern) : name === pattern
}
