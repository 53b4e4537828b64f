/**
 * `npm run iam:claims [-- --falsify]`: checks every claim of iam/claims for all requests and prints each claim that does not hold, with the
 * smallest request that it should exclude. With `--falsify`, also shows that a mutant of the role file violates each claim.
 */
import { parseArgs } from 'node:util'
import { checkAllClaims } from './all-claims.ts'
import { reportOf } from './report.ts'

const { falsify } = parseArgs({ options: { falsify: { type: 'boolean', default: false } } }).values
const began = performance.now()
const result = checkAllClaims({ withMutants: falsify })
const seconds = (performance.now() - began) / 1000
const { lines, isSound } = reportOf(result, seconds)
for (const line of lines) console.log(line)
if (!isSound) process.exitCode = 1
