/**
 * The role that a customer creates for Sesame, as a CloudFormation template. It grants exactly the operations that Sesame performs, grouped
 * by feature.
 *
 * `npm run generate` writes the template to iam/customer-access.yml. All customers deploy the same file with different
 * parameters, so a customer can review it first.
 */
import { customerActionsOf } from '../../policy/mail-actions.ts'
import type { Feature } from '../../projects/connection.ts'
import { rolePath } from '../../projects/role-arn.ts'
import { type Grant, grants, type NamedResources } from '../session/customer-actions.ts'
import { type Yaml, yamlTextOf } from './yaml-text.ts'

type Block = { readonly [key: string]: Yaml }

/** For each feature that a customer can switch off: the parameter of the template and the condition on it. */
export const switches = {
  suppression: { parameter: 'Suppression', condition: 'MaySuppress' },
  sending: { parameter: 'Sending', condition: 'MaySend' },
  configuration: { parameter: 'Configuration', condition: 'MayConfigure' },
  templates: { parameter: 'Templates', condition: 'MayManageTemplates' },
  verification: { parameter: 'Verification', condition: 'MayVerify' },
  inspection: { parameter: 'Inspection', condition: 'MayInspect' },
  reputation: { parameter: 'Reputation', condition: 'MaySeeReputation' },
} as const

const comments = new WeakMap<object, string>()
const commented = <T extends object>(node: T, comment: string): T => {
  comments.set(node, comment)
  return node
}

function sub(text: string): Yaml {
  const [, only] = /^\$\{([\w:]+)\}$/.exec(text) ?? []
  if (only !== undefined) return { Ref: only }
  return text.includes('$') ? { 'Fn::Sub': text } : text
}

/** The resources of an operation, as text for Fn::Sub. */
const resources: Readonly<Record<NamedResources, string>> = {
  account: '*',
  identity: 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${Identities}',
  'configuration set': 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/sesame-*',
  template: 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:template/sesame-*',
  topic: 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:sesame-*',
  role: `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role${rolePath}\${RoleName}`,
}

const inRegion: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  StringEquals: { 'aws:RequestedRegion': '${AWS::Region}' },
}

function statementOf(grant: Grant): Block {
  const condition = grant.touches.includes('account') ? inRegion : undefined
  const statement = {
    Sid: grant.sid,
    Effect: 'Allow',
    Action: [...new Set(grant.actions ?? grant.commands.flatMap(customerActionsOf))].sort(),
    Resource: grant.touches.map((touched) => sub(resources[touched])),
    ...(condition && { Condition: mapped(condition, (keys) => mapped(keys, sub)) }),
  }
  return grant.why === undefined ? statement : commented(statement, grant.why)
}

function mapped<From>(record: Readonly<Record<string, From>>, change: (value: From) => Yaml): Block {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

function policyOf(feature: Feature): Block {
  const Statement = grants.filter((grant) => grant.feature === feature).map(statementOf)
  return { PolicyName: feature, PolicyDocument: { Version: '2012-10-17', Statement } }
}

const switchable = (feature: keyof typeof switches): Block => ({
  'Fn::If': [switches[feature].condition, policyOf(feature), { Ref: 'AWS::NoValue' }],
})

const onOrOff = (description: string, Default: 'on' | 'off' = 'on'): Block => ({
  Type: 'String',
  AllowedValues: ['on', 'off'],
  Default,
  Description: description,
})

const isOn = (parameter: string): Block => ({ 'Fn::Equals': [{ Ref: parameter }, 'on'] })

const trust: Block = {
  Version: '2012-10-17',
  Statement: [
    commented(
      {
        Sid: 'LetSesameInWithTheExternalId',
        Effect: 'Allow',
        Principal: { AWS: sub('arn:${AWS::Partition}:iam::${SesameAccount}:root') },
        Action: 'sts:AssumeRole',
        Condition: {
          ArnLike: { 'aws:PrincipalArn': sub(`arn:\${AWS::Partition}:iam::\${SesameAccount}:role${rolePath}*`) },
          StringEquals: { 'sts:ExternalId': { Ref: 'ExternalIds' } },
        },
      },
      'The account, limited to its roles under /sesame/. A named role would be stored by its unique id, and a role that\nis created again would be denied. A missing external id, or one that is not in the list, is denied.',
    ),
  ],
}

/** The template as a value, its intrinsics in long form. */
export const customerAccessTemplate: Block = {
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'Lets Sesame synchronise the suppression list of this Amazon SES account - one role, no keys',
  Parameters: {
    SesameAccount: {
      Type: 'String',
      AllowedPattern: '^[0-9]{12}$',
      Description: 'AWS account that Sesame runs in',
    },
    ExternalIds: commented(
      {
        Type: 'CommaDelimitedList',
        AllowedPattern: '^[0-9a-f]{32}$',
        Description: 'External id that Sesame made for you - two during a rotation',
      },
      'Not NoEcho: an external id is not a secret, and quick-create links omit NoEcho parameters.',
    ),
    RoleName: {
      Type: 'String',
      AllowedPattern: '^[A-Za-z0-9_+=,.@-]{1,64}$',
      Default: 'sesame-access',
      Description: 'Name of the role, under the path /sesame/',
    },
    Identities: {
      Type: 'String',
      AllowedPattern: '^[A-Za-z0-9_+=.@*-]{1,254}$',
      Default: '*',
      Description:
        'SES identities that Sesame may use - a domain, a pattern such as *.example.com, or * for all of this account',
    },
    Suppression: onOrOff('Let Sesame add addresses to the suppression list of this account and remove them'),
    Sending: onOrOff('Let Sesame send mail as the identities, including the test mail of a new connection'),
    Configuration: onOrOff('Let Sesame manage its own configuration set (sesame-...) and the events that it publishes'),
    Inspection: onOrOff('Let Sesame read the policies of this role, and of no other, to find out who else may use it'),
    Templates: onOrOff('Let Sesame manage templates of mail whose names begin with sesame-', 'off'),
    Verification: onOrOff('Let Sesame add identities to verify and set their MAIL FROM domains', 'off'),
    Reputation: onOrOff('Let Sesame read metrics of CloudWatch, for the rates by which SES judges this account', 'off'),
  },
  Conditions: {
    [switches.suppression.condition]: isOn(switches.suppression.parameter),
    [switches.sending.condition]: isOn(switches.sending.parameter),
    [switches.configuration.condition]: isOn(switches.configuration.parameter),
    [switches.templates.condition]: isOn(switches.templates.parameter),
    [switches.verification.condition]: isOn(switches.verification.parameter),
    [switches.inspection.condition]: isOn(switches.inspection.parameter),
    [switches.reputation.condition]: isOn(switches.reputation.parameter),
  },
  Resources: {
    SesameAccess: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: { Ref: 'RoleName' },
        Path: rolePath,
        Description: 'Sesame assumes this role - with the external id only, for one hour at most',
        MaxSessionDuration: 3600,
        AssumeRolePolicyDocument: trust,
        Policies: [
          policyOf('reading'),
          switchable('suppression'),
          switchable('sending'),
          switchable('configuration'),
          switchable('templates'),
          switchable('verification'),
          switchable('inspection'),
          switchable('reputation'),
        ],
      },
    },
  },
  Outputs: {
    RoleArn: {
      Description: 'Send this ARN back to Sesame',
      Value: { 'Fn::GetAtt': ['SesameAccess', 'Arn'] },
    },
  },
}

const opening = `\
may:      read the settings of this SES account, its identities, its suppression list and the configuration sets and topics named
          sesame-*; and, unless switched off: change the suppression list, send mail as the identities with a configuration set
          and templates of Sesame, manage those configuration sets and topics, read the policies of this role; and, if switched on:
          manage templates named sesame-*, add identities and set their MAIL FROM domains, read metrics of CloudWatch.
may not:  anything else: delete an identity, or change more of it than its default configuration set and its MAIL FROM domain;
          use another configuration set, template or topic; read what you send; see another role or change any; reach another service
          or region.
why:      exactly the operations that Sesame performs in a customer's account. Generated from their list
          (src/access/session/customer-actions.ts) by npm run generate. Do not edit by hand.`

/** The template as text: the file in iam/ and the object that customers deploy. */
export function customerAccessText(): string {
  const head = opening.split('\n').map((line) => `# ${line}\n`)
  const body = yamlTextOf(customerAccessTemplate, (node) => comments.get(node))
  return `${head.join('')}\n${body.replace(/^(?=[A-Z])(?!AWSTemplate)/gm, '\n')}`
}
