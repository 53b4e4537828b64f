/**
 * Addresses of SES's mailbox simulator: they belong to nobody and count in no rate.
 * https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
 */

/** Bounces at once, wherever the mail comes from. */
export const bounceAddressOf = (nonce: string): string => `bounce+sesame-${nonce}@simulator.amazonses.com`

/** On no list but while a permission is tried with it. */
export const unusedAddress = 'sesame-proof@simulator.amazonses.com'
