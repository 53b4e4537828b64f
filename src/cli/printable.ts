/**
 * Text from outside as it may reach a terminal: without control characters. A bounce, an account list or a dead letter holds whatever a
 * stranger wrote, and a terminal obeys control characters: it clears the screen, hides text or sets the title.
 */

/** Control characters but the line feed, marks that reverse the direction of text, and line separators. */
const dangerous = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The text with each dangerous character as `\u001b`. That is valid inside a JSON string, too, and means the same there. */
export const printable = (text: string): string => text.replace(dangerous, escaped)

/** The same, on one line: a line feed from outside cannot begin a line that looks like one of ours. */
export const printableLine = (text: string): string => printable(text).replaceAll('\n', '\\n')
