/**
 * A proof as a checklist for people: a sign, the layer, what was tried, what was found, and indented below what to paste.
 */
import * as v from 'valibot'
import { columnsOf } from './columns.ts'

export const Step = v.object({
  step: v.string(),
  verdict: v.picklist(['passed', 'failed', 'skipped', 'unknown']),
  layer: v.string(),
  found: v.string(),
  paste: v.optional(v.string()),
})
export type Step = v.InferOutput<typeof Step>

/** As src/operations/proofs.ts makes it, dates as JSON has them. */
export const Checkup = v.object({
  project: v.string(),
  account: v.string(),
  region: v.string(),
  roleArn: v.optional(v.string()),
  at: v.string(),
  state: v.string(),
  conclusion: v.picklist(['passed', 'failed', 'open']),
  why: v.optional(v.string()),
  questions: v.array(v.object({ question: v.string(), answer: v.string(), because: v.string() })),
  steps: v.array(Step),
})
export type Checkup = v.InferOutput<typeof Checkup>

const signs: Readonly<Record<Step['verdict'], string>> = { passed: '✓', failed: '✗', skipped: '–', unknown: '?' }

/** Where a finding says no more than the sign. */
const plain = /^(refused|allowed|let in|all there|taken|came back|judged from .*)$/

const widest = 110

/** @param isWhole also what is to be compared where nothing is wrong */
export function checklist({ project, account, region, state, at, questions, steps }: Checkup, isWhole = false): string {
  const width = Math.max(...steps.map(({ layer }) => layer.length))
  const shown = new Set<string>()
  const answers = questions.map(({ question, answer, because }) => [question, answer, because])
  return [
    `${project} in ${account}, ${region}: ${state} (${at.slice(0, 16).replace('T', ' ')} UTC)`,
    '',
    ...gathered(steps).map((step) => lines(step, { width, shown, isWhole })),
    '',
    columnsOf(answers),
  ].join('\n')
}

/** What passed of one feature, `reading: ses:GetAccount` and the like, on one line. */
function gathered(steps: readonly Step[]): Step[] {
  const of = ({ step, verdict, layer }: Step) =>
    verdict === 'passed' && layer === 'permissions' ? step.split(': ')[0] : undefined
  return steps.flatMap((one) => {
    const feature = of(one)
    if (feature === undefined) return [one]
    const same = steps.filter((other) => of(other) === feature)
    if (same[0] !== one) return []
    const commands = same.map(({ step }) => step.replace(/^.*: /, ''))
    return [{ ...one, step: `${feature}: ${commands.join(', ')}` }]
  })
}

type Layout = { readonly width: number; readonly shown: Set<string>; readonly isWhole: boolean }

function lines({ step, verdict, layer, found, paste }: Step, { width, shown, isWhole }: Layout): string {
  const margin = ' '.repeat(width + 4)
  const sign = `${signs[verdict]} ${layer.padEnd(width)}  `
  const said = verdict === 'passed' ? [plain.test(found) ? step : `${step}: ${found}`] : [step, found]
  const head = sign + said.flatMap((text) => wrapped(text, widest - margin.length)).join(`\n${margin}`)
  const isPasted = paste !== undefined && (verdict === 'failed' || isWhole)
  if (!isPasted) return head
  if (shown.has(paste)) return `${head}: as above`
  shown.add(paste)
  return `${head}:\n\n${indented(paste, `${margin}    `)}\n`
}

function wrapped(text: string, width: number): string[] {
  const all: string[] = []
  for (const word of text.split(' ')) {
    const last = all.pop()
    if (last === undefined) all.push(word)
    else if (last.length + word.length < width) all.push(`${last} ${word}`)
    else all.push(last, word)
  }
  return all
}

const indented = (text: string, margin: string) =>
  text
    .split('\n')
    .map((line) => margin + line)
    .join('\n')

/** All is well: everything that could be tried was as it must be. */
export const isHealthy = ({ conclusion, steps }: Checkup): boolean =>
  conclusion === 'passed' && steps.every(({ verdict }) => verdict !== 'failed')

/** For machines; what is to be pasted holds the external id and is left out. */
export const withoutPaste = ({ steps, ...rest }: Checkup) => ({
  ...rest,
  steps: steps.map(({ paste: _, ...step }) => step),
})
