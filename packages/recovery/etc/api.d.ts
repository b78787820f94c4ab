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
declare class Cubic implements CongestionController {
    #private;
    constructor(maxDatagramSize: number);
    get window(): number;
    get inSlowStart(): boolean;
    onAcknowledged(acknowledged: AcknowledgedBytes, now: number): void;
    onCongestion(): void;
    undoCongestion(): void;
    onPersistentCongestion(): void;
    setMaxDatagramSize(size: number): void;
}
interface LossRecoveryOptions {
    readonly maxDatagramSize: number;
    readonly probeUpTo?: number;
    readonly congestion?: CongestionControllerFactory;
}
declare function createLossRecovery(options: LossRecoveryOptions): LossRecovery;
declare class NewReno implements CongestionController {
    #private;
    constructor(maxDatagramSize: number);
    get window(): number;
    get inSlowStart(): boolean;
    onAcknowledged({ bytes, applicationLimited }: AcknowledgedBytes): void;
    onCongestion(): void;
    undoCongestion(): void;
    onPersistentCongestion(): void;
    setMaxDatagramSize(size: number): void;
}
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
export { type AcknowledgedBytes, type CongestionController, type CongestionControllerFactory, Cubic, type LossRecoveryOptions, NewReno, RttEstimator, createLossRecovery };
