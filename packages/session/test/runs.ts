/** How often a law is tried: more often in the long test run. */
export const runs = (usual = 100): { numRuns: number } => ({ numRuns: Number(process.env['STT_RUNS'] ?? usual) })
