export { CHANGED, NOT_WHAT_WAS_SENT, NotSent, Refusal, type TransferEnd, TransferError } from './errors.ts'
export { formatInvitation, type Invitation, parseInvitation } from './invitation.ts'
export type { TransferStream } from './outbox.ts'
export { encodeMessage } from './protocol/encode.ts'
export { MessageReader } from './protocol/message-reader.ts'
export {
  HASH_LENGTH,
  MAX_PATH,
  MAX_WHOLE,
  type Message,
  type ReceiverMessage,
  type SenderMessage,
  type WholeFile,
} from './protocol/messages.ts'
export { MAX_DEPTH, nameProblem, pathProblem } from './protocol/path-rules.ts'
export { TransferProtocolError } from './protocol/protocol-error.ts'
export { type ReceiveEvents, type ReceiveOptions, receiveTransfer } from './receive-transfer.ts'
export { type SendEvents, type SendOptions, type SendOutcome, sendTransfer } from './send-transfer.ts'
export type {
  MaybePromise,
  OpenSource,
  TransferEntry,
  TransferHash,
  TransferHashing,
  TransferSource,
} from './source.ts'
export type { AnnouncedFile, IncomingFile, TargetFault, TransferTarget } from './target.ts'
export { BACK_SOON, metadataOf, serves, type Verb, verbOf } from './verb.ts'
