/** How often fast-check tries a law: `usual` times, and as often as `STT_RUNS` says in the long test run. */
export const runs: (usual?: number) => { numRuns: number }
