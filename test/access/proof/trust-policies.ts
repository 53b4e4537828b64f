/** Trust policies of customers' roles: those that let others in, those that keep us out, and those that the probe cannot tell from the right one. */
import { MANAGER, OURS, PROBE, STRANGER } from './proven-account.ts'

const root = (account: string) => ({ AWS: `arn:aws:iam::${account}:root` })
const ourRoles = { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${OURS}:role/sesame/*` } }
const idIs = (operator: string, ...values: string[]) => ({ [operator]: { 'sts:ExternalId': values } })
const allow = (Principal: unknown, Condition: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  Condition,
})
const deny = (Condition: object) => ({ ...allow('*', Condition), Effect: 'Deny' })
const ours = (Condition: object) => allow(root(OURS), { ...ourRoles, ...Condition })
export const right = (id: string) => ours(idIs('StringEquals', id))

export const withId = 'the role cannot be assumed with the external id'
const without = 'the role can be assumed without an external id'
const random = 'the role can be assumed with a random external id'
const similar = 'a near-miss external id is accepted'

export type Case = [name: string, statements: (id: string) => object[], failing: string[]]

export const loose: Case[] = [
  ['has no condition on the id', () => [ours({})], [without, random, similar]],
  ['accepts "*" as the id', () => [ours(idIs('StringLike', '*'))], [random, similar]],
  ['accepts any id of 32 characters', () => [ours(idIs('StringLike', '?'.repeat(32)))], [random, similar]],
  ['accepts any id, but requires one', () => [ours({ Null: { 'sts:ExternalId': 'false' } })], [random, similar]],
  ['accepts every id but one', () => [ours(idIs('StringNotEquals', 'another'))], [without, random, similar]],
  ['accepts ids that begin like the external id', (id) => [ours(idIs('StringLike', `${id.slice(0, 8)}*`))], [similar]],
  ['accepts ids that end like the external id', (id) => [ours(idIs('StringLike', `*${id.slice(-4)}`))], [similar]],
  ['accepts ids that contain the external id', (id) => [ours(idIs('StringLike', `*${id}*`))], [similar]],
  ['accepts the external id in capitals', (id) => [ours(idIs('StringEqualsIgnoreCase', id))], [similar]],
  ['checks the id IfExists', (id) => [ours(idIs('StringEqualsIfExists', id))], [without]],
  ['checks the id ForAllValues', (id) => [ours(idIs('ForAllValues:StringEquals', id))], [without]],
  ['names every principal, without a condition', () => [allow('*')], [without, random, similar]],
  ['names every principal of AWS, without a condition', () => [allow({ AWS: '*' })], [without, random, similar]],
  ['names our whole account, without a condition', () => [allow(root(OURS))], [without, random, similar]],
  ['has a second statement that is open', (id) => [right(id), ours({})], [without, random, similar]],
  [
    'has a second statement that is open to any id',
    (id) => [right(id), ours(idIs('StringLike', '*'))],
    [random, similar],
  ],
  ['names the role of the probe', (id) => [right(id), allow({ AWS: PROBE })], [without, random]],
  ['names the role that makes proofs, without a condition', () => [allow({ AWS: MANAGER })], [similar]],
  ['denies ids that do not match "*"', () => [ours({}), deny(idIs('StringNotLike', '*'))], [random, similar]],
  ['denies other ids, ForAnyValue', (id) => [ours({}), deny(idIs('ForAnyValue:StringNotEquals', id))], [without]],
  [
    'denies other ids, IfExists and Null',
    (id) => [ours({}), deny({ ...idIs('StringNotEquals', id), Null: { 'sts:ExternalId': 'false' } })],
    [without],
  ],
]

export const closed: Case[] = [
  ['requires another id', () => [right('0'.repeat(32))], [withId]],
  ['requires the external id with a trailing space', (id) => [right(`${id} `)], [withId]],
  ['names another account', (id) => [allow(root(STRANGER), idIs('StringEquals', id))], [withId]],
  [
    'names another account with a condition on our roles',
    (id) => [allow(root(STRANGER), { ...ourRoles, ...idIs('StringEquals', id) })],
    [withId],
  ],
  [
    'limits our account to another path',
    (id) => [
      allow(root(OURS), {
        ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${OURS}:role/other/*` },
        ...idIs('StringEquals', id),
      }),
    ],
    [withId],
  ],
  ['names a service', () => [allow({ Service: 'ses.amazonaws.com' })], [withId]],
  ['misspells the operator', (id) => [ours(idIs('StringEqual', id))], [withId]],
  ['misspells the key', (id) => [ours({ StringEquals: { 'sts:External-Id': id } })], [withId]],
  ['denies every caller', (id) => [right(id), deny({})], [withId]],
  [
    'has a Deny with a misspelled operator, which always matches',
    (id) => [right(id), deny(idIs('StringNotEqual', id))],
    [withId],
  ],
  [
    'has a Deny with a misspelled key, which always matches',
    (id) => [right(id), deny({ StringNotEquals: { 'sts:External-Id': id } })],
    [withId],
  ],
]

/** These pass: the proof cannot find out from our account what may be wrong with them. */
export const passing: Case[] = [
  ['is that of the template', (id) => [right(id)], []],
  ['accepts a second id as well', (id) => [ours(idIs('StringEquals', id, 'f'.repeat(32)))], []],
  ['names the role that makes proofs, with the id', (id) => [allow({ AWS: MANAGER }, idIs('StringEquals', id))], []],
  ['refuses other ids with a Deny', (id) => [ours({}), deny(idIs('StringNotEquals', id))], []],
  ['names our whole account, with the id', (id) => [allow(root(OURS), idIs('StringEquals', id))], []],
  ['names every principal, with the id', (id) => [allow('*', idIs('StringEquals', id))], []],
  ['has a second statement for another account', (id) => [right(id), allow(root(STRANGER))], []],
]
