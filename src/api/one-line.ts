/** The schema of a text that becomes a header of a mail. */
import * as v from 'valibot'

/** A header of a mail ends at a line break, so a text with one could add headers. */
export const oneLine = (most: number) =>
  v.pipe(
    v.string(),
    v.minLength(1, 'must have at least 1 character'),
    v.maxLength(most, `must have ${most} characters at most`),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON Schema has no flags, so no \p{Cc}
    v.regex(/^[^\x00-\x1f\x7f-\x9f]*$/, 'must not contain line breaks or other control characters'),
  )
