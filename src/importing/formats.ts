/**
 * The exports that are understood, by the names of their columns. docs/import.md says where each provider offers its export.
 *
 * The first form whose columns a file has is taken. So a form with more columns stands before one with fewer of the same.
 */
import type { ImportCause } from '../suppression/import-ruling.ts'
import { causeOf, type Format, joined, wordOf } from './format.ts'
import { sesameFormat } from './sesame-format.ts'

const sendgrid = { source: 'sendgrid', dates: ['created'] }
const mailgun = { source: 'mailgun', dates: ['createdat'] }
const mailchimp = { source: 'mailchimp' }

const sesReason = (reason: string) =>
  causeOf({ bounce: 'hard bounce', hardbounce: 'hard bounce', complaint: 'complaint' }, reason)

/** A rejection with a 4yz code was temporary. A code that is no SMTP reply says nothing about the address. */
function mailgunCause(code: string): ImportCause {
  if (/^5\d\d$/.test(code)) return 'hard bounce'
  return /^4\d\d$/.test(code) ? 'soft bounce' : 'manual'
}

const sparkpostCauses = {
  spamcomplaint: 'complaint',
  listunsubscribe: 'unsubscribe',
  unsubscribelink: 'unsubscribe',
  bouncerule: 'hard bounce',
} as const

export const formats: readonly Format[] = [
  sesameFormat,
  {
    id: 'postmark',
    title: 'Postmark suppressions',
    source: 'postmark',
    has: ['emailaddress', 'suppressionreason', 'createdat'],
    dates: ['createdat'],
    factsOf: (cell) => {
      const reason = cell('suppressionreason')
      // The recipient's own suppression is an unsubscription; an operator's is not.
      const isUnsubscribe = wordOf(reason) === 'manualsuppression' && wordOf(cell('origin')) === 'recipient'
      return {
        cause: isUnsubscribe
          ? 'unsubscribe'
          : causeOf({ hardbounce: 'hard bounce', spamcomplaint: 'complaint' }, reason),
        detail: joined(reason, cell('origin')),
      }
    },
  },
  {
    id: 'ses',
    title: 'SES account suppression list',
    source: 'ses',
    has: ['emailaddress', 'suppressionreason'],
    dates: ['lastupdatetime', 'lastupdated', 'dateadded', 'addedon', 'date', 'lastmodified'],
    factsOf: (cell) => ({ cause: sesReason(cell('suppressionreason')), detail: cell('suppressionreason') }),
  },
  {
    id: 'ses',
    title: 'SES account suppression list',
    source: 'ses',
    has: ['emailaddress', 'reason'],
    dates: ['lastupdatetime', 'lastupdated', 'dateadded', 'addedon', 'date', 'lastmodified'],
    factsOf: (cell) => ({ cause: sesReason(cell('reason')), detail: cell('reason') }),
  },
  {
    ...mailchimp,
    id: 'mailchimp-cleaned',
    title: 'Mailchimp cleaned contacts',
    has: ['emailaddress', 'cleantime'],
    dates: ['cleantime'],
    factsOf: (cell) => ({ cause: 'hard bounce', detail: joined('cleaned', cell('cleancampaigntitle')) }),
  },
  {
    ...mailchimp,
    id: 'mailchimp-unsubscribed',
    title: 'Mailchimp unsubscribed contacts',
    has: ['emailaddress', 'unsubtime'],
    dates: ['unsubtime'],
    factsOf: (cell) => ({
      cause: /spam|abuse/i.test(cell('unsubreason')) ? 'complaint' : 'unsubscribe',
      detail: joined(cell('unsubreason'), cell('unsubreasonother')),
    }),
  },
  {
    id: 'mandrill',
    title: 'Mandrill rejection denylist',
    source: 'mandrill',
    has: ['email', 'reason', 'detail', 'createdat'],
    dates: ['createdat', 'lasteventat'],
    factsOf: (cell) => ({
      cause: causeOf(
        {
          hardbounce: 'hard bounce',
          softbounce: 'soft bounce',
          spam: 'complaint',
          unsub: 'unsubscribe',
          custom: 'manual',
        },
        cell('reason'),
      ),
      detail: joined(cell('reason'), cell('detail')),
    }),
  },
  {
    id: 'telnyx',
    title: 'Telnyx suppressions',
    source: 'telnyx',
    has: ['to', 'reason', 'createdat'],
    dates: ['createdat'],
    factsOf: (cell) => ({
      cause: causeOf(
        {
          hardbounce: 'hard bounce',
          invalid: 'hard bounce',
          softbounce: 'soft bounce',
          spamcomplaint: 'complaint',
          unsubscribe: 'unsubscribe',
          manualblock: 'manual',
        },
        cell('reason'),
      ),
      detail: cell('reason'),
      until: cell('expiresat'),
      partial: wordOf(cell('scope')) === 'group' || cell('groupid') !== '',
      ...(/^(inactive|removed|deleted|expired)$/.test(wordOf(cell('status'))) && {
        leftOut: 'the provider no longer suppresses the address',
      }),
    }),
  },
  {
    id: 'sparkpost',
    title: 'SparkPost suppression list',
    source: 'sparkpost',
    has: ['recipient', 'type'],
    dates: ['created', 'updated'],
    factsOf: (cell) => ({
      cause: causeOf(sparkpostCauses, cell('source')),
      detail: joined(cell('source'), cell('type'), cell('description')),
    }),
  },
  {
    id: 'brevo',
    title: 'Brevo blocked contacts',
    source: 'brevo',
    has: ['email', 'blockedat'],
    dates: ['blockedat'],
    factsOf: (cell) => ({
      cause: causeOf(
        {
          hardbounce: 'hard bounce',
          contactflaggedasspam: 'complaint',
          unsubscribedviaemail: 'unsubscribe',
          unsubscribedviama: 'unsubscribe',
          unsubscribedviaapi: 'unsubscribe',
        },
        cell('reasoncode', 'reason'),
      ),
      detail: joined(cell('reasoncode', 'reason'), cell('reasonmessage')),
    }),
  },
  {
    ...sendgrid,
    id: 'sendgrid-bounces',
    title: 'SendGrid bounces',
    has: ['status', 'reason', 'email', 'created'],
    fileName: /bounce/i,
    factsOf: (cell) => ({ cause: 'hard bounce', detail: joined(cell('status'), cell('reason')) }),
  },
  {
    ...sendgrid,
    id: 'sendgrid-blocks',
    title: 'SendGrid blocks',
    has: ['status', 'reason', 'email', 'created'],
    fileName: /block/i,
    factsOf: (cell) => ({ cause: 'block', detail: joined(cell('status'), cell('reason')) }),
  },
  {
    ...sendgrid,
    id: 'sendgrid-spam-reports',
    title: 'SendGrid spam reports',
    has: ['ip', 'email', 'created'],
    factsOf: () => ({ cause: 'complaint', detail: 'spam report' }),
  },
  {
    ...sendgrid,
    id: 'sendgrid-invalid-emails',
    title: 'SendGrid invalid emails',
    has: ['reason', 'email', 'created'],
    factsOf: (cell) => ({ cause: 'hard bounce', detail: cell('reason') }),
  },
  {
    ...sendgrid,
    id: 'sendgrid-unsubscribes',
    title: 'SendGrid unsubscribes',
    has: ['email', 'created'],
    factsOf: (cell) => ({
      cause: 'unsubscribe',
      detail: cell('groupname'),
      partial: cell('groupid', 'groupname') !== '',
    }),
  },
  {
    ...mailgun,
    id: 'mailgun-bounces',
    title: 'Mailgun bounces',
    has: ['address', 'code', 'error', 'createdat'],
    factsOf: (cell) => ({ cause: mailgunCause(cell('code')), detail: joined(cell('code'), cell('error')) }),
  },
  {
    ...mailgun,
    id: 'mailgun-unsubscribes',
    title: 'Mailgun unsubscribes',
    has: ['address', 'tags', 'createdat'],
    factsOf: (cell) => {
      const tags = cell('tags')
      return { cause: 'unsubscribe', detail: tags === '*' ? '' : tags, partial: tags !== '' && !tags.includes('*') }
    },
  },
  {
    ...mailgun,
    id: 'mailgun-complaints',
    title: 'Mailgun complaints',
    has: ['address', 'createdat'],
    hasNot: ['tags', 'code', 'type', 'reason', 'scope'],
    factsOf: () => ({ cause: 'complaint', detail: 'spam complaint' }),
  },
  {
    id: 'resend',
    title: 'Resend suppressions',
    source: 'resend',
    has: ['email', 'reason', 'createdat'],
    dates: ['createdat'],
    factsOf: (cell) => ({
      cause: causeOf(
        { bounce: 'hard bounce', bounced: 'hard bounce', complaint: 'complaint', complained: 'complaint' },
        cell('reason'),
      ),
      detail: cell('reason'),
    }),
  },
  {
    id: 'coss',
    title: 'coss suppressions',
    source: 'coss',
    has: ['address', 'scope', 'reason', 'createdat'],
    dates: ['createdat'],
    factsOf: (cell) => ({
      cause: causeOf(
        {
          bounce: 'hard bounce',
          hardbounce: 'hard bounce',
          complaint: 'complaint',
          spamcomplaint: 'complaint',
          unsubscribe: 'unsubscribe',
          softbounce: 'soft bounce',
        },
        cell('reason'),
      ),
      detail: joined(cell('reason'), cell('scope') === '*' ? '' : cell('scope')),
      partial: !['', '*'].includes(cell('scope')),
    }),
  },
  {
    id: 'klaviyo',
    title: 'Klaviyo suppressed profiles',
    source: 'klaviyo',
    has: ['email', 'reason', 'timestamp'],
    dates: ['timestamp'],
    factsOf: (cell) => ({
      cause: causeOf(
        {
          hardbounce: 'hard bounce',
          invalidemail: 'hard bounce',
          spamcomplaint: 'complaint',
          unsubscribe: 'unsubscribe',
        },
        cell('reason'),
      ),
      detail: cell('reason'),
    }),
  },
  {
    id: 'cloudflare',
    title: 'Cloudflare suppressions',
    source: 'cloudflare',
    has: ['0', '1'],
    dates: [],
    factsOf: (cell) => ({
      cause: 'manual',
      detail: cell('2'),
      until: cell('1'),
      partial: !['', 'account'].includes(wordOf(cell('2'))),
    }),
  },
  {
    id: 'ses-import-job',
    title: 'SES import job',
    source: 'ses',
    has: ['0', '1'],
    dates: [],
    factsOf: (cell) => ({ cause: sesReason(cell('1')), detail: cell('1') }),
  },
  {
    id: 'plain',
    title: 'plain list',
    source: 'list',
    has: [],
    dates: [],
    factsOf: () => ({ cause: 'manual', detail: '' }),
  },
]

export const formatIds: readonly string[] = [...new Set(formats.map(({ id }) => id))]
