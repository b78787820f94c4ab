import type { Session } from '@stt/node'
import type { SessionReport } from './reports.ts'

export function sessionReport(session: Session): SessionReport {
  const { packetsSent, packetsReceived, keyEpoch } = session.getStatistics()
  return { packetsSent, packetsReceived, keyEpoch }
}
