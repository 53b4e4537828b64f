/**
 * Addresses of the SES mailbox simulator. They reach no person and count in no rate.
 * https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
 */

/** An address that always bounces at once. */
export const bounceAddressOf = (nonce: string): string => `bounce+sesame-${nonce}@simulator.amazonses.com`

/** An address that is on an account list only while a permission is tried with it. */
export const trialAddress = 'sesame-proof@simulator.amazonses.com'
