/**
 * What the words of a receiver's reply say: data. Servers misuse codes, so a text can make an effect milder, and from a generic or misused code also
 * harder. docs/suppression.md is generated from it.
 */
import type { About, Effect } from './status-codes.ts'

export type TextGroup = {
  readonly name: 'full' | 'rate' | 'blocked' | 'message' | 'relay' | 'locked' | 'disabled' | 'unknown'
  readonly about: About
  /** The effect when SES says Permanent, and otherwise. Class 4 is never hard. */
  readonly effects: readonly [permanent: Effect, other: Effect]
  /** Pieces of the text, in lower case, with spaces in place of hyphens. */
  readonly pieces: readonly string[]
  /** Expressions for pieces with gaps. */
  readonly patterns?: readonly RegExp[]
  /** Pieces that also count in a host name or a URL. All others do not: a host may be called `antispam`. */
  readonly hosts?: readonly string[]
  readonly reason: string
}

/** A quota of the sender, not of the mailbox. It is checked before the group `full`. */
const senderQuota = ['submission quota', 'sending quota', 'organization queue quota']

/** In the order in which they are checked: the first group that matches decides. */
export const textGroups: readonly TextGroup[] = [
  {
    name: 'rate',
    about: 'us',
    effects: ['none', 'none'],
    pieces: senderQuota,
    reason: 'a quota of the sender, not of the mailbox',
  },
  {
    name: 'full',
    about: 'mailbox',
    effects: ['soft', 'soft'],
    pieces: [
      'quota',
      'mailbox full',
      'inbox full',
      'is full',
      'out of storage',
      'storage allocation',
      'storage limit',
      'storage exceeded',
      'insufficient storage',
      'no space',
      'not enough space',
    ],
    reason: 'people empty full mailboxes',
  },
  {
    name: 'rate',
    about: 'us',
    effects: ['none', 'none'],
    pieces: [
      'too quickly',
      'at a rate',
      'rate limit',
      'frequency limited',
      'too many messages',
      'too many recent messages',
      'too many connections',
      'throttl',
      'daily limit',
      'hourly limit',
    ],
    reason: 'the receiver takes mail again when there is less of it',
  },
  {
    name: 'blocked',
    about: 'us',
    effects: ['none', 'none'],
    pieces: [
      'blocked using',
      'block list',
      'blocklist',
      'black list',
      'blacklist',
      'reputation',
      'spam',
      'unsolicited',
      'dmarc',
      'unauthenticated',
      'not authenticated',
      'sender address rejected',
      'sender rejected',
      'sender denied',
      'sender verify failed',
      'invalid sender',
      'emetteur',
      'domain of sender',
      'policy',
      'policies',
      'administrative prohibition',
      'envelope blocked',
      'block send er',
      'block rcpt',
      'customized block',
      'quarantin',
      'message not allowed',
    ],
    // "Sender address does not exist" is about us; so is a domain of the sender that is not found.
    patterns: [
      /\b(?:spf|dkim|rbl|dnsbl)\b/,
      /\b(?:sender|senders|sender's|mail from|from address|from domain|return path|originator)\b[^.;]{0,80}?\b(?:not exist|doesn't exist|not found|unknown|invalid|not valid|rejected|denied|refused|blocked|verif\w+|unresolvable)\b/,
      /\b(?:ip|ip address|your (?:host|server|domain|network)|sending (?:host|server|ip|domain)|client host|sending mta)\b[^.;]{0,60}?\b(?:blocked|banned|refused|rejected|denied|listed)\b/,
    ],
    hosts: ['spamhaus', 'spamcop', 'barracudacentral', 'sorbs'],
    reason: 'it refuses the sender, its host or its kind of mail, not the address',
  },
  {
    name: 'message',
    about: 'message',
    effects: ['none', 'none'],
    pieces: [
      'too large',
      'too big',
      'exceeds size',
      'message size',
      'size limit',
      'attachment',
      'virus',
      'malware',
      'content',
    ],
    reason: 'another message may arrive',
  },
  {
    name: 'relay',
    about: 'system',
    effects: ['soft', 'soft'],
    pieces: [
      'relay access denied',
      'relaying denied',
      'relaying disallowed',
      'relay not permitted',
      'relaying not permitted',
      'not permitted to relay',
      'unable to relay',
      'allowed rcpthosts',
    ],
    reason: 'the host does not serve the domain, perhaps while the domain moves',
  },
  {
    name: 'locked',
    about: 'mailbox',
    effects: ['soft', 'soft'],
    pieces: ['temporarily locked', 'temporarily disabled', 'temporarily suspended', 'temporarily unavailable'],
    reason: 'the mailbox is closed for some time',
  },
  {
    name: 'disabled',
    about: 'mailbox',
    effects: ['hard', 'soft'],
    pieces: [
      'is disabled',
      'been disabled',
      'accountdisabled',
      'account disabled',
      'inactive',
      'inactivity',
      'suspended',
      'deactivated',
      'discontinued',
      'account closed',
      'no longer active',
    ],
    reason: 'the mailbox is closed, for good or for some time',
  },
  {
    name: 'unknown',
    about: 'address',
    effects: ['hard', 'hard'],
    pieces: [
      'user unknown',
      'unknown user',
      'recipient unknown',
      'unknown recipient',
      'unknown mailbox',
      'mailbox unknown',
      'addressee unknown',
      'no such user',
      'no such recipient',
      'no such mailbox',
      'no such address',
      'no such account',
      'does not exist',
      "doesn't exist",
      "doesn't have a",
      'does not have a',
      'no mailbox',
      'mailbox not found',
      'user not found',
      'account not found',
      'recipient not found',
      'could not be found',
      "wasn't found",
      'not a known user',
      'no longer on server',
      'address not found',
      'mailbox unavailable',
      'invalid recipient',
      'invalid mailbox',
      'not a valid recipient',
      'not a valid mailbox',
      'not in recipient list',
      'no longer valid',
      'marked as invalid',
      'not our customer',
      'unallocated',
      'undeliverable address',
    ],
    patterns: [/\brecipient address(?:es)? rejected ?: access denied\b/],
    reason: 'the receiver says that it does not know the recipient',
  },
]

/** Codes from which the words of a 5xx reply may make the effect harder, because servers use them for unknown recipients too. */
export const vagueCodes: ReadonlySet<string> = new Set([
  ...['5.0.0', '5.1.0', '5.2.0', '5.2.1', '5.3.0', '5.4.0', '5.4.1', '5.5.0', '5.5.4', '5.7.1', '5.7.13'],
])

/** Only these groups may make it harder. */
export const hardening: ReadonlySet<TextGroup['name']> = new Set(['relay', 'locked', 'disabled', 'unknown'])
