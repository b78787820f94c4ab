import { fuzz } from '@stt/vitest-config/fuzz'
import { corpus, readVectorInputs } from './corpus.ts'
import { examine } from './examine.ts'
import { mutate } from './mutate.ts'

fuzz({ corpus, vectors: readVectorInputs(), count: 100_000, mutate, examine })
