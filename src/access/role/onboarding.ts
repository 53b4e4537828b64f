/**
 * What a customer is given to make the role with: a link, a command, and a Terraform text, all of the same role.
 *
 * All three hold the external id, which is the customer's to have and nobody's to log.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
 */

import { partitionOf } from '../session/session-policy.ts'
import { parametersOf, type RoleInput } from './customer-role.ts'
import { createTemplateLink, type TemplateLink, type TemplateStore } from './template-link.ts'
import { terraformOf } from './terraform.ts'

export type Onboarding = {
  /** Opens the customer's console with the stack filled in; the template in it can be fetched until `expires`. */
  readonly link: string
  readonly expires: Date
  /** For a shell with the customer's credentials. Run again it updates the role, which is what a rotation needs. */
  readonly command: string
  readonly terraform: string
}

/** Makes the three for a connection of a place of ours, with a link to the template that is put there first. */
export function createOnboarding(store: TemplateStore, now: () => Date) {
  return async (guest: RoleInput, ours: { readonly account: string }): Promise<Onboarding> =>
    onboardingOf(guest, ours.account, await createTemplateLink(store, now))
}

/** @param sesameAccount the account that Sesame runs in */
export function onboardingOf(guest: RoleInput, sesameAccount: string, template: TemplateLink): Onboarding {
  return {
    link: quickCreateLink(guest, sesameAccount, template.url),
    expires: template.expires,
    command: deployCommand(guest, sesameAccount, template.url),
    terraform: terraformOf(guest, sesameAccount),
  }
}

const stackOf = ({ project }: RoleInput) => `sesame-${project}`

const consoles: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
}

/** The console reads the parameters behind the `#`: they never reach a server's log. */
function quickCreateLink(guest: RoleInput, sesameAccount: string, templateUrl: string): string {
  const { region } = guest
  const parameters = Object.entries(parametersOf(guest, sesameAccount)).map(([name, value]) => [`param_${name}`, value])
  const given = [['templateURL', templateUrl], ['stackName', stackOf(guest)], ...parameters]
  const query = given.map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`).join('&')
  const host = `${region}.${consoles[partitionOf(region)]}`
  return `https://${host}/cloudformation/home?region=${region}#/stacks/quickcreate?${query}`
}

/** On a stack that is there already, parameters that are not named keep their values. */
function deployCommand(guest: RoleInput, sesameAccount: string, templateUrl: string): string {
  const parameters = Object.entries(parametersOf(guest, sesameAccount)).map(([name, value]) => `${name}=${value}`)
  return [
    `curl --fail --silent --output customer-access.yml ${quoted(templateUrl)} &&`,
    `aws cloudformation deploy --region ${guest.region} --stack-name ${stackOf(guest)} \\`,
    '  --template-file customer-access.yml --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \\',
    `  --parameter-overrides ${parameters.map(quoted).join(' ')} &&`,
    `aws cloudformation describe-stacks --region ${guest.region} --stack-name ${stackOf(guest)} \\`,
    `  --query ${quoted("Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue")} --output text`,
  ].join('\n')
}

/** For a POSIX shell. */
const quoted = (text: string) => (/^[\w=,.@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
