/**
 * What the customer creates or updates the role with: a link, a shell command or Terraform.
 */
import type * as v from 'valibot'
import type { ConnectAnswer, OnboardingAnswer } from '../operations/answers.ts'
import type { CommandContext } from './command-context.ts'
import type { OutputOptions } from './common-options.ts'
import { type Column, printOne } from './output.ts'
import { UsageError } from './usage-error.ts'

type Onboarding = v.InferOutput<typeof OnboardingAnswer>
type Connected = v.InferOutput<typeof ConnectAnswer>

export const onboardingForms = ['link', 'command', 'terraform', 'json'] as const
export type OnboardingForm = (typeof onboardingForms)[number]

const columns: readonly Column<Connected>[] = [
  ['project', ({ connection }) => connection.project],
  ['account', ({ connection }) => connection.account],
  ['region', ({ connection }) => connection.region],
  ['state', ({ connection }) => connection.state],
  ['external id', ({ connection }) => connection.nextExternalId ?? connection.externalId],
  ['link', ({ onboarding }) => onboarding?.link],
]

/** @param head what to say first; left out if one form alone is to be printed */
export async function printConnected(
  context: CommandContext,
  { output, print }: OutputOptions & { readonly print?: OnboardingForm | undefined },
  answer: Connected,
  head: readonly string[],
): Promise<void> {
  if (print !== undefined) return void (await context.print(formOf(answer, print)))
  const text = [...head, ...(answer.onboarding ? [allForms(answer.onboarding)] : [])].join('\n')
  await printOne(context, { output }, { columns, row: answer, text })
}

function formOf(answer: Connected, form: OnboardingForm): string {
  if (form === 'json') return JSON.stringify(answer, undefined, 2)
  if (answer.onboarding === undefined)
    throw new UsageError('This deployment makes no link, command or Terraform: use --print json')
  return answer.onboarding[form]
}

const allForms = ({ link, command, terraform }: Onboarding): string =>
  [
    `\nLink:\n${link}`,
    `\nor a command to run with the customer's credentials:\n${command}`,
    `\nor Terraform:\n${terraform}`,
  ].join('\n')
