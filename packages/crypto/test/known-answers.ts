import answers from './known-answers.json' with { type: 'json' }

/** What `known_answers.py` says; byte strings are in hexadecimal. */
export const known: typeof answers = answers
