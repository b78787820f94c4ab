import answers from './known-answers.json' with { type: 'json' }

/** The output of `known_answers.py`; byte strings are in hexadecimal. */
export const known: typeof answers = answers
