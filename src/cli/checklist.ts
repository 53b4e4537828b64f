/**
 * A proof as a checklist: for each step a sign, the layer, what was checked and what was found, and below it the text to paste.
 */
import type * as v from 'valibot'
import type { CheckupAnswer, StepAnswer } from '../operations/answers.ts'
import { columnsOf, minuteOf } from './columns.ts'

export type Step = v.InferOutput<typeof StepAnswer>
export type Checkup = v.InferOutput<typeof CheckupAnswer>

const signs: Readonly<Record<Step['verdict'], string>> = { passed: '✓', failed: '✗', skipped: '–', unknown: '?' }

/** What a passed step found, if it says no more than the sign. */
const redundant = /^(refused|allowed|accepted|recorded|no drift|evaluated from .*)$/

const lineWidth = 110

/** @param withAllPastes print the texts to paste of the steps that did not fail, too */
export function checklist(
  { project, account, region, state, at, questions, steps }: Checkup,
  withAllPastes = false,
): string {
  const layerWidth = Math.max(...steps.map(({ layer }) => layer.length))
  const printed = new Set<string>()
  return [
    `${project} in ${account}, ${region}: ${state} (${minuteOf(new Date(at))} UTC)`,
    '',
    ...grouped(steps).map((step) => stepText(step, { layerWidth, printed, withAllPastes })),
    '',
    columnsOf(questions.map(({ question, answer, because }) => [question, answer, because])),
  ].join('\n')
}

/** Puts the passed permissions of one feature (`reading: ses:GetAccount` and so on) into one step. */
function grouped(steps: readonly Step[]): Step[] {
  const featureOf = ({ step, verdict, layer }: Step) =>
    verdict === 'passed' && layer === 'permissions' ? step.split(': ')[0] : undefined
  return steps.flatMap((step) => {
    const feature = featureOf(step)
    if (feature === undefined) return [step]
    const ofFeature = steps.filter((other) => featureOf(other) === feature)
    if (ofFeature[0] !== step) return []
    const actions = ofFeature.map((other) => other.step.replace(/^.*: /, ''))
    return [{ ...step, step: `${feature}: ${actions.join(', ')}` }]
  })
}

type Layout = {
  readonly layerWidth: number
  /** The texts to paste that were printed already: each is printed once. */
  readonly printed: Set<string>
  readonly withAllPastes: boolean
}

function stepText({ step, verdict, layer, found, paste }: Step, layout: Layout): string {
  const { layerWidth, printed, withAllPastes } = layout
  const margin = ' '.repeat(layerWidth + 4)
  const sign = `${signs[verdict]} ${layer.padEnd(layerWidth)}  `
  const sentences = verdict === 'passed' ? [redundant.test(found) ? step : `${step}: ${found}`] : [step, found]
  const head = sign + sentences.flatMap((text) => wrapped(text, lineWidth - margin.length)).join(`\n${margin}`)
  if (paste === undefined || (verdict !== 'failed' && !withAllPastes)) return head
  if (printed.has(paste)) return `${head}: as above`
  printed.add(paste)
  return `${head}:\n\n${indented(paste, `${margin}    `)}\n`
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.pop()
    if (last === undefined) lines.push(word)
    else if (last.length + word.length < width) lines.push(`${last} ${word}`)
    else lines.push(last, word)
  }
  return lines
}

const indented = (text: string, margin: string) =>
  text
    .split('\n')
    .map((line) => margin + line)
    .join('\n')

/** All steps that decide passed, and no other step failed. */
export const isHealthy = ({ conclusion, steps }: Checkup): boolean =>
  conclusion === 'passed' && steps.every(({ verdict }) => verdict !== 'failed')

/** A proof without the texts to paste, which hold the external id. */
export const withoutPaste = ({ steps, ...checkup }: Checkup) => ({
  ...checkup,
  steps: steps.map(({ paste: _, ...step }) => step),
})
