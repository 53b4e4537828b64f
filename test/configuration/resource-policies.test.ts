import { describe, expect, test } from 'vitest'
import { type AllowedSource, createAllowedSources } from '../../src/configuration/allowed-sources.ts'
import { queuePolicy, samePolicy, topicPolicy } from '../../src/configuration/policy-documents.ts'
import {
  allowSource,
  ownerAllowing,
  PolicyFullError,
  type PolicyOwner,
  revokeSource,
  updatePolicy,
} from '../../src/configuration/resource-policies.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import { evaluate, type Principal } from '../../src/policy/evaluate.ts'
import { ACME, deployed, GLOBEX, OURS, QUEUE, REGION, topic } from './configured-account.ts'

const sourceOf = (project: string, account = ACME): AllowedSource => ({
  project,
  account,
  sourceArn: `arn:aws:ses:${REGION}:${account}:configuration-set/sesame-${project}`,
})
const accountOf = (index: number) => String(100_000_000_000 + index)

/** A policy owner with one policy in memory, which is read and written after a random delay. */
function ownerWith(limit: number, key = 'topics-1') {
  const stored = new Map<string, string>()
  const wait = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
  const owner: PolicyOwner = {
    key,
    name: key,
    limit,
    policies: (sources) => [{ arn: key, text: topicPolicy(key, sources) }],
    async read(arn) {
      await wait()
      return stored.get(arn)
    },
    async write(arn, text) {
      if (text.length > limit) throw new Error('AWS refuses a policy of that size')
      await wait()
      stored.set(arn, text)
    },
  }
  return { owner, text: () => stored.get(key) ?? '' }
}

describe('concurrent changes', () => {
  test('sources that are allowed concurrently are all in the policy', async () => {
    const { root, table } = await deployed()
    const allowedSources = createAllowedSources(root, table)
    const { owner, text } = ownerWith(30_000)
    const projects = Array.from({ length: 12 }, (_, i) => sourceOf(`p${i}`, accountOf(i)))
    await Promise.all(projects.map((one) => allowSource([owner], allowedSources, one, '')))
    expect(samePolicy(text(), topicPolicy(owner.key, projects))).toBe(true)
  })

  test('sources that are allowed while others are revoked are in the policy, and the revoked ones are not', async () => {
    const { root, table } = await deployed()
    const allowedSources = createAllowedSources(root, table)
    const { owner, text } = ownerWith(30_000)
    const projects = Array.from({ length: 10 }, (_, i) => sourceOf(`p${i}`, accountOf(i)))
    const [leaving, coming] = [projects.slice(0, 5), projects.slice(5)]
    for (const one of leaving) await allowSource([owner], allowedSources, one, '')
    await Promise.all([
      ...leaving.map(({ project }) => revokeSource([owner], allowedSources, project)),
      ...coming.map((one) => allowSource([owner], allowedSources, one, '')),
    ])
    expect(samePolicy(text(), topicPolicy(owner.key, coming))).toBe(true)
  })

  test('concurrent sources never exceed the limit of a policy: the rest goes to the next policy owner', async () => {
    const { root, table } = await deployed()
    const allowedSources = createAllowedSources(root, table)
    const limit = topicPolicy(
      'topics-1',
      [0, 1, 2].map((i) => sourceOf(`p${i}`, accountOf(i))),
    ).length
    const [first, second] = [ownerWith(limit), ownerWith(limit, 'topics-2')]
    const projects = Array.from({ length: 6 }, (_, i) => sourceOf(`p${i}`, accountOf(i)))
    await Promise.all(projects.map((one) => allowSource([first.owner, second.owner], allowedSources, one, '')))
    expect(await allowedSources.list('topics-1')).toHaveLength(3)
    expect(await allowedSources.list('topics-2')).toHaveLength(3)
    for (const { owner, text } of [first, second])
      expect(samePolicy(text(), topicPolicy(owner.key, await allowedSources.list(owner.key)))).toBe(true)
  })

  test('projects that two configurations set up concurrently all reach the list', async () => {
    const it = await deployed()
    const acme = await it.connected('acme', ACME)
    const globex = await it.connected('globex', GLOBEX)
    await Promise.all([acme, globex, acme].map((to) => it.configuration().configure(to)))
    for (const to of [acme, globex]) {
      expect(await it.configuration().driftOf(to)).toEqual([])
      await it.send(to, 'bounce@simulator.amazonses.com')
      expect(await it.listed(to.project)).toEqual(['bounce@simulator.amazonses.com'])
    }
  })
})

describe('a crash', () => {
  test('the next change completes a policy that a crash left behind', async () => {
    const { root, table } = await deployed()
    const allowedSources = createAllowedSources(root, table)
    const { owner, text } = ownerWith(30_000)
    // The source is in the table, and the policy was not written.
    await allowedSources.add(owner.key, sourceOf('lost'), () => true)
    await allowSource([owner], allowedSources, sourceOf('next', GLOBEX), '')
    expect(text()).toContain('sesame-lost')
    await updatePolicy(owner, allowedSources)
    expect(text()).toContain('sesame-next')
  })
})

describe('full policies', () => {
  test('a full policy is reported with its limit, the number of projects and a remedy, and allows no other project', async () => {
    const { root, table } = await deployed()
    const allowedSources = createAllowedSources(root, table)
    const { owner, text } = ownerWith(topicPolicy('topics-1', [sourceOf('acme')]).length)
    await allowSource([owner], allowedSources, sourceOf('acme'), '')
    const refused = allowSource([owner], allowedSources, sourceOf('globex', GLOBEX), 'Do something.')
    await expect(refused).rejects.toBeInstanceOf(PolicyFullError)
    await expect(refused).rejects.toThrow(
      `No room for another project in topics-1: AWS limits a policy to ${owner.limit} characters, and 1 projects fill it. Do something.`,
    )
    expect(await ownerAllowing([owner], allowedSources, 'globex')).toBeUndefined()
    expect(text()).not.toContain('globex')
    // The project that is allowed already stays allowed.
    expect(await allowSource([owner], allowedSources, sourceOf('acme'), '')).toBe(owner)
  })

  test('policies of our topics have room for about 300 projects per pair; a project beyond the last pair is refused', async () => {
    const it = await deployed()
    const allowedSources = createAllowedSources(it.root, it.table)
    const fill = async (key: string, arn: string) => {
      for (let i = 0; ; i++) {
        const one = sourceOf(`customer-number-${i}`, accountOf(i))
        const hasRoom = (sources: readonly AllowedSource[]) => topicPolicy(arn, sources).length <= 30_000
        // Fills the table only: the policy in AWS is not written.
        if (!(await allowedSources.add(key, { ...one, project: `${one.project}${key}` }, hasRoom))) return i
      }
    }
    const count = await fill('topics-1', topic('complaints'))
    expect(count).toBeGreaterThan(250)
    const acme = await it.connected('acme', ACME)
    const { done } = await it.configuration().configure(acme)
    expect(done[0]).toBe(
      'allowed SES to publish events of acme to sesame-dev-connected-bounces-2 and sesame-dev-connected-complaints-2',
    )
    await it.send(acme, 'bounce@simulator.amazonses.com')
    expect(await it.listed('acme')).toHaveLength(1)

    await fill('topics-2', topic('complaints', 2))
    const globex = await it.connected('globex', GLOBEX)
    const refused = it.configuration().configure(globex)
    await expect(refused).rejects.toThrow(/2 policies .*30000 characters.*--topics customer/)
    expect(it.set(globex)).toBeUndefined()
  }, 60_000)
})

describe('the policy of a topic', () => {
  const projects = [sourceOf('acme'), sourceOf('globex', GLOBEX)]
  const arn = topic('bounces')
  const ses: Principal = { kind: 'service', service: 'ses.amazonaws.com' }
  const everything = parsePolicy({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } })
  const verdict = (principal: Principal, context: Record<string, string>, policy = topicPolicy(arn, projects)) =>
    evaluate(
      { principal, action: 'sns:Publish', resource: arn, resourceAccount: OURS, context },
      {
        identity: principal.kind === 'root' ? [{ name: 'all', document: everything }] : [],
        resource: { name: 'topic', document: parsePolicy(JSON.parse(policy), 'resource') },
      },
    ).verdict
  const from = (account: string, source: string) => ({ 'aws:SourceAccount': account, 'aws:SourceArn': source })

  test('the policy of a topic allows SES for the configuration sets of connected projects', () => {
    for (const { account, sourceArn: source } of projects) expect(verdict(ses, from(account, source))).toBe('allowed')
  })

  test.each([
    [
      'another configuration set of a connected account',
      from(ACME, `arn:aws:ses:${REGION}:${ACME}:configuration-set/sesame-other`),
    ],
    ['a set whose name only begins the same', from(ACME, `${projects[0]?.sourceArn}-2`)],
    ['the set of one account in the name of another', from('999999999999', projects[0]?.sourceArn ?? '')],
    ['an identity of a connected account', from(ACME, `arn:aws:ses:${REGION}:${ACME}:identity/acme.example`)],
    ['no account', { 'aws:SourceArn': projects[0]?.sourceArn ?? '' }],
    ['nothing', {}],
  ] as [string, Record<string, string>][])('the policy of a topic refuses SES for %s', (_, context) => {
    expect(verdict(ses, context)).toBe('denied')
  })

  test('the policy of a topic refuses other services, our administrators, and every caller while no source is allowed', () => {
    const context = from(ACME, projects[0]?.sourceArn ?? '')
    expect(verdict({ kind: 'service', service: 'events.amazonaws.com' }, context)).toBe('denied')
    expect(verdict({ kind: 'root', arn: `arn:aws:iam::${OURS}:root`, account: OURS }, {})).toBe('denied')
    expect(verdict(ses, context, topicPolicy(arn, []))).toBe('denied')
  })

  test('the policy without allowed sources equals that of the template, so a deployment changes no access', async () => {
    const it = await deployed()
    for (const pair of [1, 2])
      for (const kind of ['bounces', 'complaints'] as const)
        expect(it.policy(topic(kind, pair))).toEqual(JSON.parse(topicPolicy(topic(kind, pair), [])))
    expect(JSON.parse(it.aws.sqs.queues.get(QUEUE)?.attributes.Policy ?? '')).toEqual(
      JSON.parse(queuePolicy(QUEUE, [])),
    )
  })

  test('policies are equal regardless of the order of fields and values', () => {
    const one = topicPolicy(arn, projects)
    const other = JSON.stringify(JSON.parse(topicPolicy(arn, projects.toReversed())), undefined, 2)
    expect(samePolicy(other, one)).toBe(true)
    expect(samePolicy(topicPolicy(arn, projects.slice(1)), one)).toBe(false)
    expect(samePolicy('no policy', one)).toBe(false)
    expect(samePolicy(undefined, one)).toBe(false)
  })
})
