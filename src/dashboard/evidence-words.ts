/** What a piece of evidence says, in words, and whether it may count against the address. */
import type { Evidence } from '../suppression/evidence.ts'
import { type EvidenceKind, isUncounted } from '../suppression/evidence-kinds.ts'

const words: Readonly<Record<EvidenceKind, string>> = {
  hard: 'The receiver refused the mail for good.',
  rejected: 'SES calls the bounce temporary, but the reply says that the address is bad.',
  'global-list': 'SES sent nothing: the address bounced for another customer of SES.',
  soft: 'The mail could not be delivered this time.',
  complaint: 'The recipient reported the mail as spam.',
  uncertain: 'One of several recipients complained. The provider does not say which.',
  'not-spam': 'The recipient took the mail out of the junk folder.',
  blocked: 'The receiver refused the sender, not the address.',
  message: 'The receiver refused this message, not the address.',
  'opt-out': 'The recipient left a contact list.',
  'automatic-reply': 'An automatic reply, such as out of office.',
  delayed: 'The delivery was still being tried.',
  echo: 'SES sent nothing, because its own list had the address.',
  guess: 'SES sent nothing, because its validation expected a bounce.',
  report: "A receiver's machine reported the message, not the reader.",
  unclear: 'Nothing can be concluded from this bounce.',
}

export const evidenceWords = ({ kind }: Pick<Evidence, 'kind'>): string => words[kind]
export const canCount = ({ kind }: Pick<Evidence, 'kind'>): boolean => !isUncounted(kind)
export const codeOf = ({ cause, status, diagnostic }: Evidence): string =>
  [cause, status, diagnostic].filter(Boolean).join(' · ')
