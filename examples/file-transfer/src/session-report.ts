import type { Session } from '@stt/node'
import type { RecoveryReport, SessionReport } from './reports.ts'

export function sessionReport(session: Session): SessionReport {
  const { packetsSent, packetsReceived, keyEpoch, packetsLost, framesResent, path } = session.getStatistics()
  const ofPath: RecoveryReport | undefined = path && {
    packetsLost,
    framesResent,
    smoothedRtt: path.smoothedRtt,
    congestionWindow: path.congestionWindow,
  }
  return { packetsSent, packetsReceived, keyEpoch, path: ofPath }
}
