/** What only a listener needs: nothing of it is loaded with the rest. */
export { StatelessResets, type StatelessResetsConfig } from './stateless-reset.ts'
