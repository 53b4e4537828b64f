/** The report of `npm run iam:claims`: what holds, and for what does not hold the smallest request that proves it. */
import { requestText } from '../../../src/policy/questions/subject.ts'
import type { ClaimsResult } from './all-claims.ts'
import type { Checked } from './check.ts'
import type { Claim } from './read.ts'

const titleOf = ({ role, text, isOfStack }: Claim) =>
  isOfStack ? `${text} (${role})` : `${role} may not ${text.replace(/\s+/g, ' ').trim()}`

function violationLines({ claim, example, explanation }: Checked): string[] {
  return [
    `does not hold: ${titleOf(claim)}`,
    ...(example === undefined ? [] : [`  but it may: ${requestText(example, claim.entersOnly !== undefined)}`]),
    `  ${explanation}`,
  ]
}

export function reportOf(
  { roles, judged, checked, falsified, problems }: ClaimsResult,
  seconds: number,
): { lines: string[]; isSound: boolean } {
  const violated = checked.filter(({ explanation }) => explanation !== undefined)
  const empty = falsified.filter(({ by }) => by === undefined)
  const byOneChange = falsified.filter(({ by }) => by?.includes(' / ')).length
  const ofRoles = new Set(checked.filter(({ claim }) => !claim.isOfStack).map(({ claim }) => claim)).size
  const ofStack = new Set(checked.filter(({ claim }) => claim.isOfStack).map(({ claim }) => claim.text)).size
  return {
    lines: [
      ...violated.flatMap(violationLines),
      ...problems,
      ...empty.map(({ claim }) => `is empty: no mutant of the role violates "${titleOf(claim.claim)}"`),
      ...(falsified.length === 0
        ? []
        : [
            `${falsified.length - empty.length} of ${falsified.length} claims are violated by a mutant of the role, ${byOneChange} of them by a single change of the file.`,
          ]),
      `${ofRoles} claims of ${roles} role files and ${ofStack} claims about the stack: ${checked.length - violated.length} of ${checked.length} hold for all requests. ${judged} classes of requests in ${seconds.toFixed(1)} s.`,
    ],
    isSound: violated.length === 0 && problems.length === 0 && empty.length === 0,
  }
}
