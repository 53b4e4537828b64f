import { describe, expect, test } from 'vitest'
import { addressReportText } from '../../src/cli/address-report.ts'
import type { Evidence } from '../../src/suppression/evidence.ts'
import type { EvidenceKind } from '../../src/suppression/evidence-kinds.ts'
import { judge } from '../../src/suppression/judge.ts'
import { defaultRules } from '../../src/suppression/rules.ts'

const at = new Date('2026-03-01T10:00:00Z')
const piece = (kind: EvidenceKind, cause: string): Evidence => ({ kind, cause, at, feedbackId: 'f' })
const reported = (evidence: Evidence[], reinstatedAt?: Date) => {
  const ruling = reinstatedAt && { at: reinstatedAt, by: 'ann', why: 'x' }
  return addressReportText({
    project: 'solo',
    address: 'a@example.com',
    verdict: judge({ evidence, ...(ruling && { reinstated: ruling }) }, defaultRules, new Date('2026-03-05T00:00:00Z')),
    rulings: ruling ? [{ ...ruling, decision: 'reinstate' }] : [],
  })
}

describe('the report about an address that SES itself does not mail', () => {
  const echo = piece('echo', 'Permanent/OnAccountSuppressionList')

  test('the report of a clear address says that the list of SES had it', () => {
    expect(reported([echo])).toContain(
      "may be mailed by solo. The evidence does not suppress it. But SES sent nothing at 2026-03-01 10:00 UTC, because the account's own suppression list had it.",
    )
    expect(reported([piece('echo', 'Permanent/OnTenantSuppressionList')])).toContain('the suppression list of a tenant')
  })

  test('the report says nothing of it after a reinstatement, of a suppressed address, or without an echo', () => {
    expect(reported([echo], new Date('2026-03-02T10:00:00Z'))).not.toContain('But SES')
    expect(reported([echo, piece('hard', 'Permanent/General')])).not.toContain('But SES')
    expect(reported([piece('blocked', 'Permanent/General')])).not.toContain('But SES')
  })
})
