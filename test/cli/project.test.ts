import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { RefusedError } from '../../src/cli/invoke.ts'
import { run } from './operator.ts'

const account = '111122223333'

let aws: Aws
beforeEach(async () => {
  aws = await startAws({ clock: createManualClock(new Date('2026-03-02T12:00:00Z')) })
})
const sesame = async (...args: string[]) => (await run(aws, registerCommands, ...args)).printed
const project = async (...args: string[]) => sesame('project', ...args)

describe('sesame project', () => {
  test('sesame project adds, lists, changes, shows and removes projects', async () => {
    expect(await project('add', 'acme', '--account', account, '--configuration-set', 'marketing')).toBe('acme added.')
    expect(await project('add', 'globex', '--account', '444455556666')).toBe('globex added.')
    expect(await project('list')).toBe(
      [
        'project  account       configuration sets',
        'acme     111122223333  marketing',
        'globex   444455556666  *',
      ].join('\n'),
    )
    const again = ['add', 'acme', '--account', account, '--configuration-set']
    expect(await project(...again, 'marketing')).toBe('acme was already there, unchanged.')
    expect(await project(...again, 'billing')).toBe(
      'acme was already there. Changed: configurationSets: ["marketing"] → ["marketing","billing"].',
    )
    // The addition that changed nothing is no change.
    expect((await sesame('changes', 'acme', '--output', 'json')).match(/"what":"project added"/g)).toHaveLength(2)
    const set = await project('set', 'acme', '--rules', '{"complaint":"ignore"}', '--whole-account')
    expect(JSON.parse(set)).toMatchObject({ id: 'acme', configurationSets: [], rules: { complaint: 'ignore' } })
    expect(JSON.parse(await project('show', 'acme'))).toEqual(JSON.parse(set))
    expect(await project('remove', 'acme', '--yes')).toBe('acme removed.')
    expect(await run(aws, registerCommands, 'project', 'remove', 'acme', '--yes')).toEqual({
      printed: 'Project acme does not exist.',
      ok: false,
      code: 1,
    })
    await expect(project('show', 'acme')).rejects.toThrow('project acme does not exist')
  })

  test.each([
    ['a malformed account', ['add', 'acme', '--account', '12'], 'account must be an AWS account id of 12 digits'],
    ['a project that does not exist', ['set', 'acme', '--whole-account'], 'project acme does not exist'],
    [
      'unknown rules',
      ['add', 'acme', '--account', account, '--rules', '{"colour":1}'],
      'rules.colour is not a known field',
    ],
  ])('sesame project reports that the function refused %s', async (_, args, why) => {
    await expect(project(...args)).rejects.toThrow(RefusedError)
    await expect(project(...args)).rejects.toThrow(why)
  })

  test('sesame project set changes settings of sending, each on its own', async () => {
    await project('add', 'acme', '--account', account)
    const set = async (...args: string[]) => JSON.parse(await project('set', 'acme', ...args)).sending
    expect(await set('--pause')).toEqual({ paused: true })
    expect(await set('--senders', 'acme.example', 'news@acme.example')).toEqual({
      paused: true,
      senders: ['acme.example', 'news@acme.example'],
    })
    expect(await set('--resume', '--if-list-unreadable', 'send', '--sessions', 'on')).toEqual({
      paused: false,
      senders: ['acme.example', 'news@acme.example'],
      ifListUnreadable: 'send',
      sessions: true,
    })
    await expect(set('--senders', 'not a domain')).rejects.toThrow('sending.senders')
  })

  test('sesame project set without a setting changes nothing and says what to do', async () => {
    await expect(project('set', 'acme')).rejects.toThrow('Name a setting of acme to change')
    expect(aws.lambda.attempts).toEqual([])
  })

  test('sesame connect takes the account of the project, and asks for it if there is no project', async () => {
    await project('add', 'acme', '--account', account)
    expect(await sesame('connect', 'acme')).toContain(`acme is connected to ${account}`)
    await expect(sesame('connect', 'globex')).rejects.toThrow(
      'Project globex does not exist yet: name its account with --account',
    )
  })

  test('sesame connect --print prints one form alone, as it is used', async () => {
    await project('add', 'acme', '--account', account)
    const all = await sesame('connect', 'acme')
    for (const form of ['link', 'command', 'terraform'] as const) {
      const text = await sesame('connect', 'acme', '--print', form)
      expect(text).not.toMatch(/external id {2}/)
      if (form !== 'link') expect(all).toContain(text)
    }
    expect(await sesame('connect', 'acme', '--print', 'link')).toMatch(/^https?:\S+$/)
    expect(JSON.parse(await sesame('connect', 'acme', '--print', 'json')).connection.account).toBe(account)
  })

  test('sesame project and connection commands print CSV', async () => {
    await project('add', 'acme', '--account', account)
    expect(await project('list', '--output', 'csv')).toBe(`project,account,configuration sets\nacme,${account},*`)
    expect(await project('show', 'acme', '--output', 'csv')).toMatch(/^project,account,configuration sets,rules,/)
    expect(await sesame('connect', 'acme', '--output', 'csv')).toMatch(
      /^project,account,region,state,external id,link\nacme,/,
    )
    expect(await sesame('disconnect', 'acme', '--yes', '--output', 'csv')).toBe(
      'project,disconnected,not removed\nacme,true,',
    )
  })

  test('sesame project refuses rules that are not JSON without invoking the function', async () => {
    await expect(project('add', 'acme', '--account', account, '--rules', '{')).rejects.toThrow('Not valid JSON')
    expect(aws.lambda.attempts).toEqual([])
  })
})

describe('sesame connect', () => {
  test('sesame connect prints the external id, the same one each time', async () => {
    const printed = await sesame('connect', 'acme', '--account', account)
    expect(printed).toContain('acme is connected to 111122223333 in us-east-1: waiting.')
    const [, id = ''] = /^external id {2}([0-9a-f]{32})$/m.exec(printed) ?? []
    expect(id).not.toBe('')
    expect(await sesame('connect', 'acme', '--account', account)).toContain(id)
    expect(JSON.parse(await project('show', 'acme')).connection).toMatchObject({ externalId: id, state: 'waiting' })
  })

  test('sesame rotate prints a second external id, and sesame disconnect deletes the connection', async () => {
    const first = await sesame('connect', 'acme', '--account', account)
    const second = await sesame('rotate', 'acme', '--yes')
    const idIn = (text: string) => /^external id {2}(\w+)$/m.exec(text)?.[1]
    expect(idIn(second)).not.toBe(idIn(first))
    expect(await sesame('disconnect', 'acme', '--yes')).toBe('acme disconnected.')
    expect(await sesame('disconnect', 'acme', '--yes')).toBe('acme was not connected.')
    await expect(sesame('rotate', 'acme', '--yes')).rejects.toThrow('Project acme is not connected')
  })

  test('sesame connect has no option for an external id', async () => {
    await expect(sesame('connect', 'acme', '--account', account, '--external-id', 'chosen')).rejects.toThrow(
      'unknown option',
    )
  })
})

describe('sesame changes', () => {
  test('sesame changes lists who changed what and when, without external ids', async () => {
    await sesame('connect', 'acme', '--account', account, '--by', 'ann')
    await sesame('rotate', 'acme', '--by', 'bob', '--yes')
    const printed = await sesame('changes', 'acme')
    expect(printed).toMatch(/^when +who +what +set to$/m)
    expect(printed).toMatch(/^2026-03-02 12:00 +ann +connected +account: 111122223333; .*externalId: made$/m)
    expect(printed).toMatch(/^2026-03-02 12:00 +bob +external id rotated +nextExternalId: made$/m)
    expect(printed).not.toMatch(/[0-9a-f]{32}/)
    const lines = (await sesame('changes', 'acme', '--json')).split('\n').map((line) => JSON.parse(line))
    expect(lines.filter(({ by }) => by === 'ann').map(({ what }) => what)).toEqual(['project added', 'connected'])
  })
})
