/**
 * Why a handshake message was ignored. The peer never learns it: bad input is answered with silence. For a
 * program it is the name of a counter; for a test, the proof that the intended defence worked.
 */
export type DropReason =
  /** Not a handshake message: reserved bits, an unknown type, a length that does not add up. */
  | 'malformed'
  /** Another protocol version. */
  | 'version'
  /** mac1 is wrong: another seed, or a changed byte. */
  | 'badMac'
  /** A type, or a fragment, that has no place in this run now. */
  | 'unexpected'
  /** The connection ids are not this run's. */
  | 'wrongConnection'
  /** The Noise message does not decrypt, or carries a refused key. */
  | 'badNoise'
  /** The payload decrypts and breaks its table. */
  | 'badPayload'
  /** A static or ephemeral key equal to one's own: a reflection, or a copied identity. */
  | 'ownKey'
  /** A proved peer, but not the one that was dialed. */
  | 'wrongPeer'
  /** No pairwise secret is known for this peer. */
  | 'notPaired'
  /** A suite that is not the best common one. */
  | 'badSuite'
  /** FINAL decrypts and its confirmation is wrong. */
  | 'badConfirm'
  /** The run's deadline has passed. */
  | 'expired'
