import type { Mutant } from './mutant.ts'

const SRC = 'packages/cli/src'
const PAIRING_TEST = `${SRC}/pairing.test.ts`
const MEETING_TEST = `${SRC}/meeting.test.ts`
const TRANSFER_TEST = `${SRC}/transfer.test.ts`
const FAULTS_TEST = `${SRC}/transfer-faults.test.ts`
const HOSTILE_TEST = `${SRC}/transfer/hostile.test.ts`
const PROTOCOL_TEST = `${SRC}/transfer/protocol/protocol.test.ts`

/** What the command defends its user against. */
export const cli: readonly Mutant[] = [
  {
    without: 'stt uses a seed file that others can read',
    file: `${SRC}/home/key-file.ts`,
    find: 'if ((mode & 0o077) !== 0) {',
    replace: 'if (mode < 0) {',
    test: PAIRING_TEST,
  },
  {
    without: 'stt uses a seed file that was changed',
    file: `${SRC}/home/key-file.ts`,
    find: "if (rest !== '' || head !== ",
    replace: "if (rest !== '' || undefined === ",
    test: PAIRING_TEST,
  },
  {
    without: 'stt uses a folder of pairings that others can write in',
    file: `${SRC}/home/home.ts`,
    find: '(found.mode & 0o022) === 0',
    replace: 'found.mode > 0',
    test: PAIRING_TEST,
  },
  {
    without: 'stt takes a phrase as an argument',
    file: `${SRC}/verbs/pair.ts`,
    find: "if (options.phrase !== undefined && options.phrase !== '-') {",
    replace: "if (options.phrase === '') {",
    test: PAIRING_TEST,
  },
  {
    without: 'stt lets a third machine in that has the phrase',
    file: `${SRC}/meet/meeting.ts`,
    find: 'return peer === toHex(id)',
    replace: 'return peer !== undefined',
    test: MEETING_TEST,
  },
  {
    without: 'stt speaks on the local network though it was told not to',
    file: `${SRC}/meet/local-network.ts`,
    find: "if (setting === 'none') return",
    replace: "if (setting === '-') return",
    test: `${SRC}/lan.test.ts`,
  },
  {
    without: 'stt receive follows a symbolic link that is in the place of a folder',
    file: `${SRC}/transfer/target-folder.ts`,
    find: 'if (!this.look(place)?.isDirectory())\n        throw',
    replace: 'if (!this.look(place))\n        throw',
    test: TRANSFER_TEST,
  },
  {
    without: 'stt receive writes into what a hard link in the place of a part leads to',
    file: `${SRC}/transfer/target-folder.ts`,
    find: '(found.isFile() && found.nlink > 1)',
    replace: '(found.isFile() && found.nlink > 2)',
    test: TRANSFER_TEST,
  },
  {
    without: 'stt receive replaces a file that came to be there meanwhile',
    file: `${SRC}/transfer/target-folder.ts`,
    find: '    if (this.#overwrite) {\n      const found',
    replace: '    if (this.#overwrite || part) {\n      const found',
    test: HOSTILE_TEST,
  },
  {
    without: 'stt receive keeps a small file whose hash on the disk is not what was sent',
    file: `${SRC}/transfer/whole-file.ts`,
    find: 'if (!isOnDisk(fd, file)) throw',
    replace: 'if (fd < 0) throw',
    test: HOSTILE_TEST,
  },
  {
    without: 'stt receive takes a small file of another content for the same',
    file: `${SRC}/transfer/whole-file.ts`,
    find: 'if (fd !== undefined && isOnDisk(fd, file)) {',
    replace: 'if (fd !== undefined) {',
    test: HOSTILE_TEST,
  },
  {
    without: 'stt receive writes a small file into what lies in the place of its part',
    file: `${SRC}/transfer/target-folder.ts`,
    find: 'constants.O_RDWR | constants.O_CREAT | constants.O_EXCL',
    replace: 'constants.O_RDWR | constants.O_CREAT',
    test: HOSTILE_TEST,
  },
  {
    without: 'stt receive leaves the part of a file that has its name',
    file: `${SRC}/transfer/target-folder.ts`,
    find: 'if (named.nlink < 2) return',
    replace: 'if (named.nlink < 9) return',
    test: HOSTILE_TEST,
  },
  {
    without: 'stt receive writes one file twice at a time',
    file: `${SRC}/transfer/receive-transfer.ts`,
    find: "if (writer === supersede) throw new Refusal('it is being sent already')",
    replace: '',
    test: HOSTILE_TEST,
  },
  {
    without: 'stt receive keeps a file whose hash on the disk is not what was sent',
    file: `${SRC}/transfer/receive-transfer.ts`,
    find: 'if (!Buffer.from(part.hash).equals(hash)) {',
    replace: 'if (part.hash.length !== hash.length) {',
    test: HOSTILE_TEST,
  },
  {
    without: 'a sender may send beyond the size that it announced',
    file: `${SRC}/transfer/protocol/receiver-rules.ts`,
    find: ' || current.length + length > current.size',
    replace: '',
    test: PROTOCOL_TEST,
  },
  {
    without: 'a sender may go on from where nothing was offered',
    file: `${SRC}/transfer/protocol/receiver-rules.ts`,
    find: '(offset !== 0 && offset !== file.offered)',
    replace: 'offset < 0',
    test: PROTOCOL_TEST,
  },
  {
    without: 'a sender may give a file whole while another comes',
    file: `${SRC}/transfer/protocol/receiver-rules.ts`,
    find: "if (this.#state === 'all' || this.#current) throw broken(message)",
    replace: "if (this.#state === 'all') throw broken(message)",
    test: PROTOCOL_TEST,
  },
  {
    without: 'stt sends small files again and again that are there',
    file: `${SRC}/transfer/whole-files.ts`,
    find: ' || this.#inVain >= MOST_IN_VAIN',
    replace: '',
    test: `${SRC}/transfer/whole-files.test.ts`,
  },
  {
    without: 'a sender may announce files without end',
    file: `${SRC}/transfer/protocol/receiver-rules.ts`,
    find: ' || this.#files.size >= MAX_UNANSWERED',
    replace: '',
    test: PROTOCOL_TEST,
  },
  {
    without: 'a receiver may have more of a file than there is',
    file: `${SRC}/transfer/protocol/sender-rules.ts`,
    find: ' || message.offset > size',
    replace: '',
    test: PROTOCOL_TEST,
  },
  {
    without: 'a message of a transfer may be as long as it says',
    file: `${SRC}/transfer/protocol/message-reader.ts`,
    find: 'if (size > most) throw',
    replace: 'if (size < 0) throw',
    test: PROTOCOL_TEST,
  },
  {
    without: 'a path of a sender may leave the folder',
    file: `${SRC}/transfer/protocol/path-rules.ts`,
    find: "name === '' || name === '.' || name === '..'",
    replace: "name === ''",
    test: PROTOCOL_TEST,
  },
  {
    without: 'a path of a sender may name a device of Windows there',
    file: `${SRC}/transfer/protocol/path-rules.ts`,
    find: 'return isWindows ? windowsProblem(name) : undefined',
    replace: 'return isWindows ? undefined : undefined',
    test: PROTOCOL_TEST,
  },
  {
    without: 'stt send says nothing of a file that changed while it was sent',
    file: `${SRC}/transfer/send-transfer.ts`,
    find: '    if (isChanged(await file.stat(), entry)) throw new GivenUp(CHANGED)\n    this.#outbox',
    replace: '    this.#outbox',
    test: FAULTS_TEST,
  },
  {
    without: 'stt goes on after a part of other content',
    file: `${SRC}/transfer/send-transfer.ts`,
    find: 'if (prefix && Buffer.from(prefix.value).equals(theirs)) {',
    replace: 'if (prefix && theirs.length > 0) {',
    test: TRANSFER_TEST,
  },
  {
    without: 'stt shows the control characters of names',
    file: `${SRC}/verbs/receive.ts`,
    find: '{printable(path)}',
    replace: '{path}',
    test: TRANSFER_TEST,
  },
  {
    without: 'stt pipe writes control characters to a terminal',
    file: `${SRC}/terminal-text.ts`,
    find: 'return CONTROLS.test(this.#decoder.decode(chunk, { stream: true }))',
    replace: 'return CONTROLS.test(this.#decoder.decode(chunk, { stream: true })) && false',
    test: `${SRC}/terminal.test.ts`,
  },
]
