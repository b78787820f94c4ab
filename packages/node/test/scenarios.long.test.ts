import { describeScenarios } from './scenario-suite.ts'

describeScenarios(100)
