/** The part that only a listener needs; other entries do not load it. */
export { StatelessResets, type StatelessResetsConfig } from './stateless-reset.ts'
