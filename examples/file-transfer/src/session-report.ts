import type { Session } from '@stt/node'
import type { PathReport, SessionReport } from './reports.ts'

export function sessionReport(session: Session): SessionReport {
  const { packetsSent, packetsReceived, keyEpoch, packetsLost, framesResent, path } = session.getStatistics()
  const ofPath: PathReport | undefined = path && {
    packetsLost,
    framesResent,
    smoothedRtt: path.smoothedRtt,
    congestionWindow: path.congestionWindow,
  }
  return { packetsSent, packetsReceived, keyEpoch, path: ofPath }
}
