/**
 * What each enhanced status code says about an address: data, with the reason of each line. docs/suppression.md is generated from it.
 *
 * Codes: RFC 3463 and the registry of RFC 5248, then codes that are not registered but in wide use. A code without a row has the default of its
 * subject. The reasons for contested rows: docs/design/suppression.md#which-contested-codes-suppress
 */

/**
 * What a code or a reply is about: the recipient's address; the mailbox, which exists; the message; our side (sender, authentication, reputation,
 * rate); the receiver's system; the receiver's rule on who may write; nothing.
 */
export type About = 'address' | 'mailbox' | 'message' | 'us' | 'system' | 'policy' | 'nothing'

/** `hard` suppresses for good. `soft` counts as a soft bounce. `none` says nothing about the address. */
export type Effect = 'hard' | 'soft' | 'none'

/**
 * The effect in each column: class 5 when SES says Permanent; class 5 when SES says anything else; class 4, whatever SES says.
 * H is hard, S is soft, - is none.
 */
type Letters = `${'H' | 'S' | '-'}${'H' | 'S' | '-'}${'H' | 'S' | '-'}`

/** A code: `X` stands for both classes. A range has its last detail after a hyphen: `X.7.500-699`. */
export type CodeRow = readonly [code: string, about: About, effects: Letters, reason: string]

export const codeRows: readonly CodeRow[] = [
  ['X.0.0', 'nothing', 'HSS', 'only the class is known; SES fills it in where the reply has no code'],

  ['X.1.0', 'address', 'HSS', 'something about an address, of the recipient or of the sender'],
  ['X.1.1', 'address', 'HHS', 'the mailbox does not exist'],
  ['X.1.2', 'address', 'HHS', 'the domain does not exist or takes no mail'],
  ['X.1.3', 'address', 'HHS', 'the address is malformed'],
  ['X.1.4', 'mailbox', 'SSS', 'the address is ambiguous, which the receiver can repair'],
  ['X.1.5', 'nothing', 'S--', 'the address is valid'],
  ['X.1.6', 'address', 'HHS', 'the mailbox moved and mail is not forwarded'],
  ['X.1.7', 'us', '---', "the sender's address is malformed"],
  ['X.1.8', 'us', '---', "the sender's domain does not exist"],
  ['X.1.9', 'nothing', '---', 'the message was relayed to a server that sends no reports'],
  ['X.1.10', 'address', 'HHS', 'the domain has a null MX; Exchange Online: the recipient does not exist'],
  ['5.1.90', 'us', '---', "Exchange Online: the sender's daily limit is reached"],
  ['5.1.350', 'address', 'HSS', "Exchange passes on another server's answer about the address"],
  ['5.1.351', 'address', 'HSS', "Exchange passes on another server's answer: unknown recipient"],

  ['X.2.0', 'mailbox', 'SSS', 'the mailbox exists and something is wrong with it'],
  ['X.2.1', 'mailbox', 'HSS', 'the mailbox is disabled, for good or for some time'],
  ['X.2.2', 'mailbox', 'SSS', 'the mailbox is full; one full mailbox is never final'],
  ['X.2.3', 'message', '---', 'the message is too long for the mailbox'],
  ['X.2.4', 'mailbox', 'SSS', 'the mailing list cannot be expanded'],
  ['5.2.14', 'mailbox', 'SSS', 'Exchange: forwarding is misconfigured'],
  ['5.2.121', 'us', '---', "Exchange Online: the recipient's hourly limit for mail from us"],
  ['5.2.122', 'us', '---', "Exchange Online: the recipient's hourly limit for all mail"],

  ['X.3.0', 'nothing', 'HSS', 'SES fills it in where the reply has no code'],
  ['X.3.1', 'system', 'SSS', "the receiver's disk is full"],
  ['X.3.2', 'system', 'SSS', 'the host takes no mail now'],
  ['X.3.3', 'message', '---', 'the message needs a feature that the host does not have'],
  ['X.3.4', 'message', '---', 'the message is too big for the host'],
  ['X.3.5', 'system', 'SSS', 'the host is misconfigured'],
  ['X.3.6', 'nothing', 'SSS', 'the priority of the message was changed, which is no failure'],

  ['X.4.0', 'system', 'SSS', 'an undefined failure of the network'],
  ['X.4.1', 'system', 'SSS', 'the host does not answer'],
  ['X.4.2', 'system', 'SSS', 'the connection broke'],
  ['X.4.3', 'system', 'SSS', 'the directory or DNS of the receiver failed'],
  ['X.4.4', 'address', 'HHS', 'no route to the domain: SES reports a top-level domain that does not exist'],
  ['X.4.5', 'us', '--S', 'the receiver is congested; Gmail: our daily limit is reached'],
  ['X.4.6', 'system', 'SSS', "a loop in the receiver's routing"],
  ['X.4.7', 'system', 'SSS', 'delivery was given up after hours; the last reply decides whether it counts'],
  ['X.4.8', 'system', 'SSS', 'Exchange: the policy for encrypted transport failed'],
  ['5.4.11', 'system', 'SSS', 'Exchange: the message is nested too deeply'],
  ['5.4.14', 'system', 'SSS', 'Exchange: too many hops'],
  ['X.4.300-318', 'system', 'SSS', 'Exchange Online could not pass the message on'],

  ['X.5.0', 'nothing', 'S--', 'an undefined failure of the protocol'],
  ['X.5.1', 'nothing', 'S--', 'an invalid command'],
  ['X.5.2', 'us', 'S--', 'a syntax error, or a failed authentication'],
  ['X.5.3', 'message', '---', 'the message has too many recipients'],
  ['X.5.4', 'nothing', 'S--', 'invalid arguments of a command'],
  ['X.5.5', 'system', 'S--', 'a wrong version of the protocol'],
  ['X.5.6', 'us', '---', 'an authentication exchange is too long'],

  ['X.6.0', 'message', '---', 'an undefined problem of the content'],
  ['X.6.1', 'message', '---', 'the media type is not supported'],
  ['X.6.2', 'message', '---', 'conversion is required and prohibited'],
  ['X.6.3', 'message', '---', 'conversion is required and not supported'],
  ['X.6.4', 'message', '---', 'the content was converted with loss'],
  ['X.6.5', 'message', '---', 'conversion failed'],
  ['X.6.6', 'message', '---', 'the content is not available'],
  ['X.6.7', 'message', '---', 'the host does not permit non-ASCII addresses'],
  ['X.6.8', 'message', '---', 'the host cannot use UTF-8 in replies'],
  ['X.6.9', 'message', '---', 'the host cannot take UTF-8 in headers'],
  ['X.6.10', 'message', '---', 'the host cannot use UTF-8 in replies; deprecated copy of X.6.8'],
  ['5.6.11', 'message', '---', 'Exchange: the message has invalid characters'],

  ['X.7.0', 'us', '---', 'an undefined refusal for reasons of security'],
  ['X.7.1', 'policy', '---', 'the sender, its host or the message is not allowed there'],
  ['X.7.2', 'policy', '---', 'we may not write to this mailing list'],
  ['X.7.3', 'us', '---', 'a conversion for security is required and not possible'],
  ['X.7.4', 'us', '---', 'a feature of security is not supported'],
  ['X.7.5', 'us', '---', 'a cryptographic failure'],
  ['X.7.6', 'us', '---', 'an algorithm is not supported'],
  ['X.7.7', 'us', '---', 'the message was altered'],
  ['X.7.8', 'us', '---', 'invalid credentials'],
  ['X.7.9', 'us', '---', 'the authentication is too weak; Yahoo: unauthenticated mail'],
  ['X.7.10', 'us', '---', 'encryption is required'],
  ['X.7.11', 'us', '---', 'the authentication needs encryption'],
  ['X.7.12', 'us', '---', 'a password transition is needed; Exchange Online: only authenticated senders may write'],
  ['X.7.13', 'us', '---', "the submitting user's account is disabled; by its text, the recipient's"],
  ['X.7.14', 'us', '---', 'trust between the servers is required'],
  ['X.7.15', 'message', '---', 'the priority of the message is too low'],
  ['X.7.16', 'message', '---', 'the message is too big for its priority'],
  ['X.7.17', 'address', 'HHS', 'the mailbox has a new owner'],
  ['X.7.18', 'address', 'HHS', 'the domain has a new owner'],
  ['X.7.19', 'nothing', '---', 'the owner of the mailbox cannot be tested'],
  ['X.7.20', 'us', '---', 'no DKIM signature passes'],
  ['X.7.21', 'us', '---', 'no DKIM signature is acceptable'],
  ['X.7.22', 'us', '---', "no DKIM signature is the author's"],
  ['X.7.23', 'us', '---', 'SPF failed'],
  ['X.7.24', 'us', '---', 'SPF could not be evaluated'],
  ['X.7.25', 'us', '---', 'the reverse DNS of the sending host failed'],
  ['X.7.26', 'us', '---', 'several checks of authentication failed'],
  ['X.7.27', 'us', '---', "the sender's domain has a null MX; Gmail: SPF failed"],
  ['X.7.28', 'us', '---', 'a flood of mail; Gmail: an unusual rate'],
  ['X.7.29', 'us', '---', 'ARC failed; Gmail: no TLS'],
  ['X.7.30', 'us', '---', 'the message requires TLS; Gmail: DKIM failed'],
  ['X.7.32', 'us', '---', 'Gmail: the From domain does not match the authenticated domain'],
  ['X.7.40', 'us', '---', 'Gmail: the domain of the sender has no DMARC record'],
  ['5.7.51', 'policy', '---', 'Exchange: a restricted connector'],
  ['5.7.57', 'us', '---', 'Exchange: the client is not authenticated'],
  ['5.7.64', 'policy', '---', 'Exchange: relay access is denied'],
  ['5.7.105', 'policy', '---', 'Exchange: the sender is filtered'],
  ['5.7.124', 'policy', '---', 'Exchange: the group takes mail from some senders only'],
  ['5.7.129', 'policy', '---', 'Exchange: the mailbox takes mail from some senders only'],
  ['5.7.133', 'policy', '---', 'Exchange: the group takes mail from its own organisation only'],
  ['5.7.134', 'policy', '---', 'Exchange: the mailbox takes mail from its own organisation only'],
  ['5.7.135', 'policy', '---', 'Exchange: the public folder takes mail from its own organisation only'],
  ['5.7.136', 'policy', '---', 'Exchange: the mail user takes mail from its own organisation only'],
  ['X.7.321-329', 'us', '---', 'Exchange: TLS, certificate, DANE or DNSSEC failed'],
  ['X.7.504', 'mailbox', 'SSS', 'Microsoft: the recipient is refused, perhaps suspended'],
  ['X.7.505', 'mailbox', 'SSS', 'Microsoft: the recipient is banned'],
  ['X.7.500-699', 'us', '---', 'Microsoft: throttled, spam, authentication, a banned IP address or bad reputation'],
  ['X.7.700-999', 'us', '---', 'Microsoft: a threshold of the sender, or a policy'],
]

/** What a code without a row says, by its subject: `5.1.77`. */
export const defaultRows: readonly CodeRow[] = [
  ['X.1.n', 'address', 'HSS', 'an unknown detail about an address: hard only if SES says Permanent'],
  ['X.2.n', 'mailbox', 'SSS', 'an unknown detail about the mailbox'],
  ['X.3.n', 'system', 'SSS', "an unknown detail about the receiver's system"],
  ['X.4.n', 'system', 'SSS', 'an unknown detail about the network'],
  ['X.5.n', 'nothing', 'S--', 'an unknown detail about the protocol'],
  ['X.6.n', 'message', '---', 'an unknown detail about the content'],
  ['X.7.n', 'us', '---', 'an unknown detail about security or policy'],
  ['X.n.n', 'nothing', 'HSS', 'a subject that RFC 3463 does not define says as little as X.0.0'],
]

/** What an SMTP reply code says where there is no enhanced status code (RFC 5321, RFC 7504). */
export const replyRows: readonly (readonly [replies: string, about: About, effects: Letters, reason: string])[] = [
  ['421 450 451 452', 'system', 'SSS', 'a temporary failure'],
  ['500 501 502 503 504 530 534 535 538 555', 'nothing', '---', 'a failure of the protocol or of authentication'],
  ['521', 'system', 'SSS', 'the host takes no mail'],
  ['511 550 551 553', 'address', 'HSS', 'the mailbox is refused; the text says more'],
  ['552', 'mailbox', 'SSS', 'no storage, or the message is too big'],
  [
    '554',
    'policy',
    'SSS',
    'the transaction failed: without a text that says why, more often by policy than by the address',
  ],
  ['556', 'address', 'HHS', 'the domain takes no mail'],
]
