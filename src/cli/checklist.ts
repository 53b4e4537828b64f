/**
 * A proof as a checklist: for each step a sign, the layer, what was checked and what was found, and below it the text to paste.
 */
import type * as v from 'valibot'
import type { CheckupAnswer, StepAnswer } from '../operations/answers.ts'
import { columnsOf, minuteOf } from './columns.ts'
import type { CommandContext } from './command-context.ts'
import type { OutputOptions } from './common-options.ts'
import { type Column, printRows } from './output.ts'
import { printableLine } from './printable.ts'
import { wrapped } from './text-width.ts'

export type Step = v.InferOutput<typeof StepAnswer>
export type Checkup = v.InferOutput<typeof CheckupAnswer>

const signs: Readonly<Record<Step['verdict'], string>> = { passed: '✓', failed: '✗', skipped: '–', unknown: '?' }

/** What a passed step found, if it says no more than the sign. */
const redundant = /^(refused|allowed|accepted|recorded|no drift|evaluated from .*)$/

/** Columns of a terminal that the checklist uses at most. */
const maxWidth = 110
/** A narrower terminal breaks the lines itself. */
const minWidth = 60

type ChecklistOptions = {
  /** Prints the texts to paste of the steps that did not fail, too. */
  readonly withAllPastes?: boolean | undefined
  /** Columns of the terminal. */
  readonly width?: number | undefined
}

export function checklist(
  { project, account, region, state, at, questions, steps }: Checkup,
  { withAllPastes = false, width = maxWidth }: ChecklistOptions = {},
): string {
  const lineWidth = Math.max(minWidth, Math.min(maxWidth, width))
  const layerWidth = Math.max(...steps.map(({ layer }) => layer.length))
  const printed = new Set<string>()
  return [
    `${project} in ${account}, ${region}: ${state} (${minuteOf(new Date(at))} UTC)`,
    '',
    ...grouped(steps).map((step) => stepText(step, { lineWidth, layerWidth, printed, withAllPastes })),
    '',
    columnsOf(
      questions.map(({ question, answer, because }) => [question, answer, because]),
      lineWidth,
    ),
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
  readonly lineWidth: number
  readonly layerWidth: number
  /** The texts to paste that were printed already: each is printed once. */
  readonly printed: Set<string>
  readonly withAllPastes: boolean
}

function stepText({ step, verdict, layer, found, paste }: Step, layout: Layout): string {
  const { lineWidth, layerWidth, printed, withAllPastes } = layout
  const margin = ' '.repeat(layerWidth + 4)
  const sign = `${signs[verdict]} ${layer.padEnd(layerWidth)}  `
  const sentences = verdict === 'passed' ? [redundant.test(found) ? step : `${step}: ${found}`] : [step, found]
  const head =
    sign + sentences.flatMap((text) => wrapped(printableLine(text), lineWidth - margin.length)).join(`\n${margin}`)
  if (paste === undefined || (verdict !== 'failed' && !withAllPastes)) return head
  if (printed.has(paste)) return `${head}: as above`
  printed.add(paste)
  return `${head}:\n\n${indented(paste, `${margin}    `)}\n`
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
const withoutPaste = ({ steps, ...checkup }: Checkup) => ({
  ...checkup,
  steps: steps.map(({ paste: _, ...step }) => step),
})

type ShownStep = Step & Pick<Checkup, 'project'>

const stepColumns: readonly Column<ShownStep>[] = [
  ['project', ({ project }) => project],
  ['layer', ({ layer }) => layer],
  ['verdict', ({ verdict }) => verdict],
  ['step', ({ step }) => step],
  ['found', ({ found }) => found],
]

/** Prints a proof as one JSON object, or as CSV with one row per step. Neither has the texts to paste. */
export async function printCheckup(
  context: CommandContext,
  options: OutputOptions,
  checkup: Checkup,
  more: object = {},
): Promise<void> {
  const shown = { ...more, ...withoutPaste(checkup) }
  if (options.output === 'json') return void (await context.print(JSON.stringify(shown)))
  const rows = shown.steps.map((step) => ({ project: checkup.project, ...step }))
  await printRows(context, options, { columns: stepColumns, rows, none: '' })
}
