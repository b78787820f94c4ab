import { type CloseReason, SttError } from '@stt/node'
import { expect, test } from 'vitest'
import { bothHaveAll } from './pipe-end.ts'

const closed = (change: Partial<CloseReason>): CloseReason =>
  ({ by: 'peer', app: true, code: 0, reason: '', ...change }) as CloseReason
const lost = (): Promise<void> => Promise.reject(new SttError('STT_CLOSED', 'the peer closed this session'))

/** The end at the side that waited: whether the peer acknowledged everything, and how the session ended. */
const waited = (delivered: Promise<void>, reason: CloseReason) => {
  const session = { closed: Promise.resolve(reason), close: () => expect.unreachable('only who dialed closes') }
  return bothHaveAll({ delivered }, session, false)
}

test('a close with 0 says that all arrived, also before the acknowledgement of the last bytes', async () => {
  await waited(lost(), closed({}))
})

test('what was acknowledged arrived, however the session ended', async () => {
  await waited(Promise.resolve(), closed({ by: 'local', app: false, code: 9, reason: 'silent' }))
})

test.each([
  ['with its own exit code', closed({ code: 141, reason: 'no reader' }), 141, /exit code 141: no reader$/],
  [
    'by silence',
    closed({ by: 'local', app: false, code: 9, reason: 'silence' }),
    1,
    /before everything was there: silence$/,
  ],
  ['by a rule of the protocol', closed({ app: false }), 1, /before everything was there$/],
])('a session that ended %s before all was acknowledged is an error', async (_how, reason, exitCode, message) => {
  await expect(waited(lost(), reason)).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) })
})

test('the exit code of the other side counts, though all had arrived', async () => {
  await expect(waited(Promise.resolve(), closed({ code: 141 }))).rejects.toMatchObject({ exitCode: 141 })
})

test('the side that dialed closes once the other one has all', async () => {
  const events: string[] = []
  const close = async () => {
    events.push('close')
    return closed({ by: 'local' })
  }
  let deliver = (): void => {}
  const delivered = new Promise<void>(resolve => {
    deliver = resolve
  })
  const session = { closed: new Promise<never>(() => {}), close }
  const ending = bothHaveAll({ delivered }, session, true)
  events.push('delivered')
  deliver()
  await ending
  expect(events).toEqual(['delivered', 'close'])
})
