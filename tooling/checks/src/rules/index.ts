import type { Rule } from '../rule.ts'
import { api } from './api.ts'
import { citations } from './citations.ts'
import { docstrings } from './docstrings.ts'
import { documents } from './documents.ts'
import { english } from './english.ts'
import { external } from './external.ts'
import { forbidden } from './forbidden.ts'
import { format } from './format.ts'
import { layers } from './layers.ts'
import { manifests } from './manifests.ts'
import { multicast } from './multicast.ts'
import { mutants } from './mutants.ts'
import { nameable } from './nameable.ts'
import { neutral } from './neutral.ts'
import { publish } from './publish.ts'
import { size } from './size.ts'
import { surface } from './surface.ts'
import { tarballs } from './tarballs.ts'
import { tasks } from './tasks.ts'
import { unused } from './unused.ts'
import { values } from './values.ts'
import { walks } from './walks.ts'

/** All rules, quick ones first. */
export const RULES: readonly Rule[] = [
  ...[
    format,
    manifests,
    forbidden,
    neutral,
    documents,
    tasks,
    english,
    external,
    citations,
    walks,
    layers,
    multicast,
    mutants,
  ],
  ...[surface, nameable, docstrings, unused, api, values, size, tarballs, publish],
]
