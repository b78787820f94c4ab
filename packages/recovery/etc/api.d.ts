// ./dist/index.d.ts
import { LossRecovery, RttEstimate } from "@stt/frame";
interface AcknowledgedBytes {
    readonly bytes: number;
    readonly sentAt: number;
    readonly applicationLimited: boolean;
    readonly smoothedRtt: number;
    readonly latestRtt: number;
}
interface CongestionController {
    readonly window: number;
    readonly inSlowStart: boolean;
    onAcknowledged(acknowledged: AcknowledgedBytes, now: number): void;
    onCongestion(): void;
    undoCongestion(): void;
    onPersistentCongestion(): void;
    setMaxDatagramSize(size: number): void;
}
type CongestionControllerFactory = (maxDatagramSize: number) => CongestionController;
declare const cubic: CongestionControllerFactory;
interface LossRecoveryOptions {
    readonly maxDatagramSize: number;
    readonly probeUpTo?: number;
    readonly congestion?: CongestionControllerFactory;
}
declare function createLossRecovery(options: LossRecoveryOptions): LossRecovery;
declare const newReno: CongestionControllerFactory;
declare class RttEstimator implements RttEstimate {
    #private;
    get known(): boolean;
    get latest(): number;
    get min(): number;
    get smoothed(): number;
    get variation(): number;
    update(sample: number, ackDelay: number): void;
    probeTimeout(maxAckDelay: number): number;
}
export { type AcknowledgedBytes, type CongestionController, type CongestionControllerFactory, type LossRecoveryOptions, RttEstimator, createLossRecovery, cubic, newReno };
