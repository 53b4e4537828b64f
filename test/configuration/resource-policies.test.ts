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

const admission = (project: string, account = ACME): AllowedSource => ({
  project,
  account,
  sourceArn: `arn:aws:ses:${REGION}:${account}:configuration-set/sesame-${project}`,
})
const accountOf = (index: number) => String(100_000_000_000 + index)

/** A door whose policy AWS keeps, as slow as it likes. */
function doorWith(limit: number, place = 'topics-1') {
  const stored = new Map<string, string>()
  const wait = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
  const door: PolicyOwner = {
    key: place,
    name: place,
    limit,
    policies: (admitted) => [{ arn: place, text: topicPolicy(place, admitted) }],
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
  return { door, text: () => stored.get(place) ?? '' }
}

describe('projects that are let in at the same time', () => {
  test('are all in the policy', async () => {
    const { root, table } = await deployed()
    const admissions = createAllowedSources(root, table)
    const { door, text } = doorWith(30_000)
    const projects = Array.from({ length: 12 }, (_, i) => admission(`p${i}`, accountOf(i)))
    await Promise.all(projects.map((one) => allowSource([door], admissions, one, '')))
    expect(samePolicy(text(), topicPolicy(door.key, projects))).toBe(true)
  })

  test('while others are shut out, are in it, and those are not', async () => {
    const { root, table } = await deployed()
    const admissions = createAllowedSources(root, table)
    const { door, text } = doorWith(30_000)
    const projects = Array.from({ length: 10 }, (_, i) => admission(`p${i}`, accountOf(i)))
    const [leaving, coming] = [projects.slice(0, 5), projects.slice(5)]
    for (const one of leaving) await allowSource([door], admissions, one, '')
    await Promise.all([
      ...leaving.map(({ project }) => revokeSource([door], admissions, project)),
      ...coming.map((one) => allowSource([door], admissions, one, '')),
    ])
    expect(samePolicy(text(), topicPolicy(door.key, coming))).toBe(true)
  })

  test('never fill a policy beyond its limit: what does not fit goes to the next', async () => {
    const { root, table } = await deployed()
    const admissions = createAllowedSources(root, table)
    const limit = topicPolicy(
      'topics-1',
      [0, 1, 2].map((i) => admission(`p${i}`, accountOf(i))),
    ).length
    const [first, second] = [doorWith(limit), doorWith(limit, 'topics-2')]
    const projects = Array.from({ length: 6 }, (_, i) => admission(`p${i}`, accountOf(i)))
    await Promise.all(projects.map((one) => allowSource([first.door, second.door], admissions, one, '')))
    expect(await admissions.at('topics-1')).toHaveLength(3)
    expect(await admissions.at('topics-2')).toHaveLength(3)
    for (const { door, text } of [first, second])
      expect(samePolicy(text(), topicPolicy(door.key, await admissions.at(door.key)))).toBe(true)
  })

  test('in the account itself, by two configurations at once, all reach the list', async () => {
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

describe('a policy that a crash left behind', () => {
  test('is brought up to date by whoever comes next', async () => {
    const { root, table } = await deployed()
    const admissions = createAllowedSources(root, table)
    const { door, text } = doorWith(30_000)
    // Put into the table, and then nothing.
    await admissions.add(door.key, admission('lost'), () => true)
    await allowSource([door], admissions, admission('next', GLOBEX), '')
    expect(text()).toContain('sesame-lost')
    await updatePolicy(door, admissions)
    expect(text()).toContain('sesame-next')
  })
})

describe('full doors', () => {
  test('say the limit, the number and the way out, and let in nobody', async () => {
    const { root, table } = await deployed()
    const admissions = createAllowedSources(root, table)
    const { door, text } = doorWith(topicPolicy('topics-1', [admission('acme')]).length)
    await allowSource([door], admissions, admission('acme'), '')
    const refused = allowSource([door], admissions, admission('globex', GLOBEX), 'Do something.')
    await expect(refused).rejects.toBeInstanceOf(PolicyFullError)
    await expect(refused).rejects.toThrow(
      `topics-1 cannot take another project: AWS limits a policy to ${door.limit} characters, and 1 projects fill it. Do something.`,
    )
    expect(await ownerAllowing([door], admissions, 'globex')).toBeUndefined()
    expect(text()).not.toContain('globex')
    // Who is in stays in.
    expect(await allowSource([door], admissions, admission('acme'), '')).toBe(door)
  })

  test('of our topics hold some 300 projects each, then the second pair is used, then nothing', async () => {
    const it = await deployed()
    const admissions = createAllowedSources(it.root, it.table)
    const fill = async (place: string, arn: string) => {
      for (let i = 0; ; i++) {
        const one = admission(`customer-number-${i}`, accountOf(i))
        const hasRoom = (admitted: readonly AllowedSource[]) => topicPolicy(arn, admitted).length <= 30_000
        // As many as there is room for, many at once: nobody writes the policy here.
        if (!(await admissions.add(place, { ...one, project: `${one.project}${place}` }, hasRoom))) return i
      }
    }
    const count = await fill('topics-1', topic('complaints'))
    expect(count).toBeGreaterThan(250)
    const acme = await it.connected('acme', ACME)
    const { done } = await it.configuration().configure(acme)
    expect(done[0]).toBe('let in its events at sesame-dev-connected-bounces-2 and sesame-dev-connected-complaints-2')
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
  const projects = [admission('acme'), admission('globex', GLOBEX)]
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

  test('lets in SES for exactly the configuration sets of connected projects', () => {
    for (const { account, sourceArn: source } of projects) expect(verdict(ses, from(account, source))).toBe('allowed')
  })

  test.each([
    [
      'another configuration set of a connected account',
      from(ACME, `arn:aws:ses:${REGION}:${ACME}:configuration-set/sesame-other`),
    ],
    ['a set whose name only begins alike', from(ACME, `${projects[0]?.sourceArn}-2`)],
    ['the set of one account in the name of another', from('999999999999', projects[0]?.sourceArn ?? '')],
    ['an identity of a connected account', from(ACME, `arn:aws:ses:${REGION}:${ACME}:identity/acme.example`)],
    ['no account', { 'aws:SourceArn': projects[0]?.sourceArn ?? '' }],
    ['nothing', {}],
  ] as [string, Record<string, string>][])('refuses SES for %s', (_, context) => {
    expect(verdict(ses, context)).toBe('denied')
  })

  test('refuses other services, our administrators, and everybody while nobody is let in', () => {
    const context = from(ACME, projects[0]?.sourceArn ?? '')
    expect(verdict({ kind: 'service', service: 'events.amazonaws.com' }, context)).toBe('denied')
    expect(verdict({ kind: 'root', arn: `arn:aws:iam::${OURS}:root`, account: OURS }, {})).toBe('denied')
    expect(verdict(ses, context, topicPolicy(arn, []))).toBe('denied')
  })

  test('is the one of the template while nobody is let in: a deployment closes no door and opens none', async () => {
    const it = await deployed()
    for (const pair of [1, 2])
      for (const kind of ['bounces', 'complaints'] as const)
        expect(it.policy(topic(kind, pair))).toEqual(JSON.parse(topicPolicy(topic(kind, pair), [])))
    expect(JSON.parse(it.aws.sqs.queues.get(QUEUE)?.attributes.Policy ?? '')).toEqual(
      JSON.parse(queuePolicy(QUEUE, [])),
    )
  })

  test('is the same whatever the order of its fields and values', () => {
    const one = topicPolicy(arn, projects)
    const other = JSON.stringify(JSON.parse(topicPolicy(arn, projects.toReversed())), undefined, 2)
    expect(samePolicy(other, one)).toBe(true)
    expect(samePolicy(topicPolicy(arn, projects.slice(1)), one)).toBe(false)
    expect(samePolicy('no policy', one)).toBe(false)
    expect(samePolicy(undefined, one)).toBe(false)
  })
})
