import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { customerRoleOf, parametersOf } from '../../../src/access/role/customer-role.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import { defaultFeatures, type Feature, features } from '../../../src/projects/connection.ts'
import { CUSTOMER, connectionOf, OURS, REGION } from '../../access/visited-account.ts'

const read = (file: string) =>
  readFileSync(new URL(`../../../infra/terraform/customer-access/${file}.tf`, import.meta.url), 'utf8')
const main = read('main')
const variables = read('variables')

const connection = { ...connectionOf('acme'), nextExternalId: 'f'.repeat(32) }
const { ExternalIds, RoleName } = parametersOf(connection, OURS)
const values: Readonly<Record<string, string>> = {
  'data.aws_partition.current.partition': '"aws"',
  'data.aws_region.current.id': JSON.stringify(REGION),
  'data.aws_caller_identity.current.account_id': JSON.stringify(CUSTOMER),
  'var.sesame_account': JSON.stringify(OURS),
  'var.external_ids': JSON.stringify(ExternalIds.split(',')),
  'var.role_name': JSON.stringify(RoleName),
  'var.identities': '"*"',
}
const reference = /\b(?:data|var)\.[\w.]+/g

/** Evaluates the argument of a jsonencode: the part of Terraform's language that the module uses. */
function evaluated(hcl: string): unknown {
  const textOf = (name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${name} has no value`)
    return value
  }
  const lines = hcl
    .replaceAll(/\$\{([\w.]+)\}/g, (_, name) => String(JSON.parse(textOf(name))))
    .split('\n')
    .map((line) => line.replace(/^(\s*)("[^"]+"|\w+) += /, (_, space, key) => `${space}"${key.replaceAll('"', '')}": `))
    .map((line) => line.replace(/: ((?:data|var)\.[\w.]+)$/, (_, name) => `: ${textOf(name)}`))
    .map((line) => (/[[{(,]$/.test(line) ? line : `${line},`))
  return parse(lines.join('\n').replace(/,$/, ''))
}

/** The resources with their attributes, and the documents that they encode. */
const resources = [...main.matchAll(/^resource "(\w+)" "(\w+)" \{\n(.*?)^\}/gms)].map(
  ([, type = '', label = '', body = '']) => ({
    type,
    label,
    count: /count = (\S+) \? 1 : 0/.exec(body)?.[1],
    document: evaluated(/jsonencode\((\{.*\})\)/s.exec(body)?.[1] ?? ''),
    body,
  }),
)

describe('the Terraform module for customers', () => {
  test('the module makes the role and the policies of the template', () => {
    const role = customerRoleOf(connection, OURS)
    const [own, ...policies] = resources
    expect(own?.type).toBe('aws_iam_role')
    expect(parsePolicy(own?.document, 'trust')).toEqual(role.AssumeRolePolicyDocument)
    expect(own?.body).toContain(`path                 = "${role.Path}"`)
    expect(own?.body).toContain(`max_session_duration = ${role.MaxSessionDuration}`)
    expect(policies.map(({ label, document }) => [label, parsePolicy(document, 'identity')])).toEqual(
      role.Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument]),
    )
  })

  test('each feature that the template can switch off has a variable, with the default of a new connection', () => {
    const optional = features.filter((feature): feature is Exclude<Feature, 'reading'> => feature !== 'reading')
    for (const feature of optional) {
      expect(resources.find(({ label }) => label === feature)?.count).toBe(`var.${feature}`)
      expect(variables).toMatch(
        new RegExp(`variable "${feature}" \\{[^}]*type += bool\\n +default += ${defaultFeatures.includes(feature)}`),
      )
    }
    expect(resources.find(({ label }) => label === 'reading')?.count).toBeUndefined()
  })

  test('each variable that the module uses is declared, and each declared one is used', () => {
    const used = new Set([...main.matchAll(reference)].map(([name]) => name).filter((name) => name.startsWith('var.')))
    const declared = [...variables.matchAll(/variable "(\w+)"/g)].map(([, name]) => `var.${name}`)
    expect([...used].sort()).toEqual(declared.sort())
  })

  test('the module accepts account, external ids and names of the template’s form only, and holds no external id', () => {
    expect(variables).toContain('can(regex("^[0-9]{12}$", var.sesame_account))')
    expect(variables).toContain('alltrue([for one in var.external_ids : can(regex("^[0-9a-f]{32}$", one))])')
    expect(main + variables + read('outputs')).not.toMatch(/[0-9a-f]{32}(?!\$)/)
  })
})
