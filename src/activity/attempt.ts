/** The tag with which a mail names its attempt, so that its Send event says what became of the attempt. Pure. */

export const attemptTag = 'sesame-attempt'

/** The attempt of a mail; `undefined` if its tags name none. */
export function attemptIn(tags: Readonly<Record<string, readonly string[]>>): string | undefined {
  const [value = ''] = tags[attemptTag] ?? []
  return /^[\da-f]{32}-\d{1,2}$/.test(value) ? value : undefined
}
