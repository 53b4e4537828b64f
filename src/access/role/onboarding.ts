/**
 * Onboarding: a quick-create link, a shell command and a Terraform text. Each of them creates or updates the customer's role.
 *
 * All three contain the external id. Give them to the customer, and never log them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
 */
import { partitionOf } from '../session/session-policy.ts'
import { newRoleNameOf, parametersOf, type RoleInput, stackNameOf } from './customer-role.ts'
import { storeTemplate, type TemplateStore } from './template-link.ts'
import { terraformOf } from './terraform.ts'

export type Onboarding = {
  /** Opens the customer's console with all fields of the stack filled in. It does not expire. */
  readonly link: string
  /** For a shell with the customer's credentials. Idempotent: run it again to update the role, as a rotation requires. */
  readonly command: string
  readonly terraform: string
}

/**
 * Stores the template and makes the onboarding for a connection.
 * @param stage the stage of Sesame
 * @returns a function that throws TemplateNotStoredError if the template cannot be stored
 */
export function createOnboarding(store: TemplateStore, now: () => Date, stage: string) {
  return async (
    connection: RoleInput,
    { account, region }: { readonly account: string; readonly region: string },
  ): Promise<Onboarding> => {
    const roleName = newRoleNameOf(connection.project, { stage, region })
    return onboardingOf({ ...connection, roleName }, account, await storeTemplate(store, now))
  }
}

/**
 * @param sesameAccount the account that Sesame runs in
 * @param templateUrl where CloudFormation fetches the template
 */
export function onboardingOf(connection: RoleInput, sesameAccount: string, templateUrl: string): Onboarding {
  return {
    link: quickCreateLink(connection, sesameAccount, templateUrl),
    command: deployCommand(connection, sesameAccount, templateUrl),
    terraform: terraformOf(connection, sesameAccount),
  }
}

const consoles: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
}

/** The parameters are in the fragment of the URL, which only the browser reads: they never reach the log of a server. */
function quickCreateLink(connection: RoleInput, sesameAccount: string, templateUrl: string): string {
  const { region } = connection
  const parameters = Object.entries(parametersOf(connection, sesameAccount)).map(([name, value]) => [
    `param_${name}`,
    value,
  ])
  const fields = [['templateURL', templateUrl], ['stackName', stackNameOf(connection)], ...parameters]
  const query = fields.map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`).join('&')
  const host = `${region}.${consoles[partitionOf(region)]}`
  return `https://${host}/cloudformation/home?region=${region}#/stacks/quickcreate?${query}`
}

/** If the stack exists, parameters that the command does not name keep their values. */
function deployCommand(connection: RoleInput, sesameAccount: string, templateUrl: string): string {
  const parameters = Object.entries(parametersOf(connection, sesameAccount)).map(([name, value]) => `${name}=${value}`)
  return [
    `curl --fail --silent --output customer-access.yml ${quoted(templateUrl)} &&`,
    `aws cloudformation deploy --region ${connection.region} --stack-name ${stackNameOf(connection)} \\`,
    '  --template-file customer-access.yml --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \\',
    `  --parameter-overrides ${parameters.map(quoted).join(' ')} &&`,
    `aws cloudformation describe-stacks --region ${connection.region} --stack-name ${stackNameOf(connection)} \\`,
    `  --query ${quoted("Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue")} --output text`,
  ].join('\n')
}

/** Quotes a word for a POSIX shell. */
const quoted = (text: string) => (/^[\w=,.@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
