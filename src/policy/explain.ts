/**
 * Explains a decision in one line: the verdict, the statement that decided, or the statements that did not match and why.
 *
 * External ids and addresses in condition values are already hidden in the reasons (conditions.ts). The address in the ARN of an address
 * identity is hidden here.
 */
import type { Decision, DecisionReason, Mismatch } from './decision.ts'

const shownReasons = 4
/** A statement that almost matched explains more. Its order is that in which the elements are checked, reversed. */
const rankOfElement: Record<Mismatch['element'], number> = { condition: 0, principal: 1, resource: 2, action: 3 }

/** `denied: no statement of role allows dynamodb:GetItem on ARN (AddEvidence: action is not dynamodb:UpdateItem)`. */
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
  if (verdict === 'allowed') return hideAddresses(`allowed: the root user of the account may call ${call}`)
  const allowing = inLayer.filter(({ effect }) => effect === 'Allow')
  return hideAddresses(`denied: ${subjectOf(decision)} allows ${call}${failures(allowing)}`)
}

const layerNames: Record<Decision['decidedBy'], string> = {
  identity: 'identity policy',
  resource: 'resource policy',
  trust: 'trust policy',
  session: 'session policy',
  boundary: 'permissions boundary',
}

function subjectOf({ policies, decidedBy }: Decision): string {
  if (policies.length === 0) return `no ${layerNames[decidedBy]}`
  return `no statement of ${policies.join(', ')}${decidedBy === 'identity' ? '' : ` (${layerNames[decidedBy]})`}`
}

function failures(reasons: readonly DecisionReason[]): string {
  if (reasons.length === 0) return ''
  const rank = ({ mismatch }: DecisionReason) => (mismatch === undefined ? 0 : rankOfElement[mismatch.element])
  const shown = [...reasons].sort((a, b) => rank(a) - rank(b)).slice(0, shownReasons)
  const more = reasons.length > shown.length ? `; ${reasons.length - shown.length} more` : ''
  return ` (${shown.map((reason) => `${reason.statement}: ${why(reason)}`).join('; ')}${more})`
}

function why(reason: DecisionReason): string {
  return reason.mismatch === undefined ? 'does not name the caller' : `${failure(reason.mismatch)}${closedNote(reason)}`
}

function failure(mismatch: Mismatch): string {
  const expected = mismatch.expected.join(' or ')
  if (mismatch.element !== 'condition') return `${mismatch.element} ${mismatch.not ? 'is' : 'is not'} ${expected}`
  const actual = mismatch.actual === undefined ? 'is absent' : `is ${mismatch.actual.join(', ') || 'empty'}`
  return `${mismatch.key} ${actual}, expected ${mismatch.operator} ${expected}`
}

const closedNote = ({ closed }: DecisionReason) => (closed === undefined ? '' : ` [fails closed: ${closed}]`)

const hideAddresses = (text: string) => text.replace(/:identity\/[^@\s,;)]+@/g, ':identity/(hidden)@')
