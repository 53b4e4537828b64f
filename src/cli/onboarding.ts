/**
 * What the customer creates or updates the role with, as text: a link, a shell command and Terraform.
 */
import type * as v from 'valibot'
import type { OnboardingAnswer } from '../operations/answers.ts'

export const onboardingText = ({ link, expires, command, terraform }: v.InferOutput<typeof OnboardingAnswer>): string =>
  [
    `\nLink (valid until ${expires}):\n${link}`,
    `\nor a command to run with the customer's credentials:\n${command}`,
    `\nor Terraform:\n${terraform}`,
  ].join('\n')
