/**
 * A decision as one line for people: what was decided, by which statement or for want of which, and what failed.
 *
 * External ids and the values of address keys were hidden when the reason was made; the address in the ARN of an address
 * identity is hidden here.
 */
import type { Decision, DecisionReason, Mismatch } from './decision.ts'

const shownReasons = 4
/** The nearer a statement came to taking effect, the more it explains. */
const nearness: Record<Mismatch['element'], number> = { condition: 0, principal: 1, resource: 2, action: 3 }

export function explain(decision: Decision): string {
  const { verdict, decidedBy, reasons, request } = decision
  const call = `${request.action} on ${request.resource}`
  const inLayer = reasons.filter(({ layer }) => layer === decidedBy)
  const decisive = inLayer.find(
    ({ matched, effect }) => matched && effect === (verdict === 'allowed' ? 'Allow' : 'Deny'),
  )
  if (decisive !== undefined) {
    const does = verdict === 'allowed' ? 'allows' : 'denies'
    return hideAddresses(
      `${verdict}: ${decisive.statement} of ${decisive.policy} ${does} ${call}${closedNote(decisive)}`,
    )
  }
  if (verdict === 'allowed') return hideAddresses(`allowed: the account's own administrator may ${call}`)
  const allows = inLayer.filter(({ effect }) => effect === 'Allow')
  return hideAddresses(`denied: ${subjectOf(decision)} allows ${call}${failures(allows)}`)
}

const nameless: Record<Decision['decidedBy'], string> = {
  identity: 'identity policy',
  resource: 'resource policy',
  trust: 'trust policy',
  session: 'session policy',
  boundary: 'permissions boundary',
}

function subjectOf({ policies, decidedBy }: Decision): string {
  if (policies.length === 0) return `no ${nameless[decidedBy]}`
  return `no statement of ${policies.join(', ')}${decidedBy === 'identity' ? '' : ` (${nameless[decidedBy]})`}`
}

function failures(reasons: readonly DecisionReason[]): string {
  if (reasons.length === 0) return ''
  const rank = ({ mismatch }: DecisionReason) => (mismatch === undefined ? 0 : nearness[mismatch.element])
  const told = [...reasons].sort((a, b) => rank(a) - rank(b)).slice(0, shownReasons)
  const more = reasons.length > told.length ? `; ${reasons.length - told.length} more` : ''
  return ` (${told.map((reason) => `${reason.statement}: ${why(reason)}`).join('; ')}${more})`
}

function why(reason: DecisionReason): string {
  return reason.mismatch === undefined ? 'does not name the caller' : `${failure(reason.mismatch)}${closedNote(reason)}`
}

function failure(mismatch: Mismatch): string {
  const wanted = mismatch.wanted.join(' or ')
  if (mismatch.element !== 'condition') return `${mismatch.element} ${mismatch.not ? 'is' : 'is not'} ${wanted}`
  const seen = mismatch.seen === undefined ? 'is absent' : `is ${mismatch.seen.join(', ') || 'empty'}`
  return `${mismatch.key} ${seen}, wanted ${mismatch.operator} ${wanted}`
}

const closedNote = ({ closed }: DecisionReason) => (closed === undefined ? '' : ` [judged closed: ${closed}]`)

const hideAddresses = (text: string) => text.replace(/:identity\/[^@\s,;)]+@/g, ':identity/(hidden)@')
