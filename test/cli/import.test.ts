import { createReadStream, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { openCheckpoint } from '../../src/cli/import-checkpoint.ts'
import { importFile } from '../../src/cli/import-file.ts'
import { manage } from '../../src/cli/invoke.ts'
import { createRejectedRows } from '../../src/cli/rejected-rows.ts'
import { createEventBus } from '../../src/events/bus.ts'
import { importedEventOf } from '../../src/events/import-event.ts'
import { readImport } from '../../src/importing/read-import.ts'
import { ImportRecordedAnswer } from '../../src/operations/answers.ts'
import { assume } from '../local/sign-in.ts'
import { account } from '../suppression/feedback.ts'
import { operatorOf, run } from './operator.ts'

const samples = new URL('../../events/imports/', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'sesame-import-'))
const rejected = join(folder, 'rejected.csv')
const clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
let aws: Aws
let count = 0

beforeAll(async () => {
  aws = await startAws({ clock })
})

async function newProject(): Promise<string> {
  const project = `p${++count}`
  await run(
    aws,
    registerCommands,
    'project',
    'add',
    project,
    '--account',
    account,
    '--configuration-set',
    `set-${project}`,
  )
  return project
}
const sesame = (...args: string[]) => run(aws, registerCommands, ...args)
const load = (project: string, file: string, ...args: string[]) =>
  sesame('import', file, '--project', project, '--rejected', rejected, ...args)
const exported = async (project: string, ...args: string[]) =>
  (await sesame('export', '--project', project, ...args)).printed
const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const importedEvents = (project: string) =>
  aws.eventbridge.events.filter(
    ({ 'detail-type': type, detail }) => type === 'Suppressions Imported' && Object(detail).project === project,
  )
const addressEvents = (project: string) =>
  aws.eventbridge.events.filter(
    ({ 'detail-type': type, detail }) => type.startsWith('Address') && Object(detail).project === project,
  )

describe('sesame import', () => {
  test('a dry run says what it understood, writes the rejected rows to a file and nothing to the list', async () => {
    const project = await newProject()
    const { printed, code } = await load(project, `${samples}sendgrid-bounces.csv`, '--dry-run')
    expect(printed).toBe(
      `SendGrid bounces: 3 rows → hard bounce, 3 rejected: ${rejected}\n  dry run: nothing was written`,
    )
    expect(code).toBe(1)
    expect(readFileSync(rejected, 'utf8').split('\n')).toMatchObject([
      'file,line,outcome,reason,row',
      expect.stringContaining(',6,rejected,the address has no @,"5.1.1,550 no such user,not an address'),
      expect.stringContaining(',7,rejected,the date is in the future,'),
      expect.stringContaining(',8,rejected,'),
      '',
    ])
    expect(await exported(project)).toBe('address,state,reason,cause,since,until,source,detail')
  })

  test('an import suppresses with the reason and the date of the list, and importing again changes nothing', async () => {
    const project = await newProject()
    const first = await load(project, `${samples}mandrill.csv`)
    expect(first.printed).toContain(
      'recorded: 4; unchanged, because a ruling of the same time or a newer one stands: 0',
    )
    const before = await exported(project)
    expect(before.split('\n')).toEqual([
      'address,state,reason,cause,since,until,source,detail',
      'angry@example.com,suppressed,complaint,complaint,2024-03-01T10:00:00.000Z,,mandrill,spam',
      'gone@example.com,suppressed,hard bounce,hard bounce,2024-03-01T10:00:00.123Z,,mandrill,hard-bounce 550 5.1.1 user unknown',
      'hand@example.com,suppressed,manual,manual,2024-03-01T10:00:00.000Z,,mandrill,custom',
      'left@example.com,suppressed,manual,unsubscribe,2024-03-01T10:00:00.000Z,,mandrill,unsub',
    ])
    clock.advance(86_400_000)
    expect((await load(project, `${samples}mandrill.csv`)).printed).toContain(
      'recorded: 0; unchanged, because a ruling of the same time or a newer one stands: 4',
    )
    expect(await exported(project)).toBe(before)
  })

  test('a newer reinstatement wins over the list, and a newer row over an older reinstatement', async () => {
    const project = await newProject()
    await sesame('reinstate', project, 'gone@example.com', '--why', 'new mailbox')
    await load(project, `${samples}mandrill.csv`)
    expect((await sesame('check', project, 'gone@example.com')).code).toBe(0)
    expect((await sesame('check', project, 'angry@example.com')).code).toBe(3)
    const row = `email,reason,created_at\ngone@example.com,bounce,${new Date(clock.now().getTime() + 60_000).toISOString()}\n`
    await load(project, written('newer.csv', row))
    expect((await sesame('check', project, 'gone@example.com')).code).toBe(3)
  })

  test('a list without dates never overrules a ruling, unless it is given a date', async () => {
    const project = await newProject()
    await load(project, `${samples}plain.txt`)
    expect((await sesame('check', project, 'two@example.com')).code).toBe(3)
    clock.advance(60_000)
    await sesame('reinstate', project, 'two@example.com', '--why', 'asked')
    clock.advance(60_000)
    const again = await load(project, `${samples}plain.txt`)
    expect(again.printed).toContain(
      'recorded: 0; unchanged, because a ruling of the same time or a newer one stands: 2',
    )
    expect((await sesame('check', project, 'two@example.com')).code).toBe(0)
    await load(project, `${samples}plain.txt`, '--date', clock.now().toISOString())
    expect((await sesame('check', project, 'two@example.com')).code).toBe(3)
  })

  test('an import publishes one event for the list and none for its addresses, and a repeated one none', async () => {
    const project = await newProject()
    await load(project, `${samples}mandrill.csv`)
    await aws.settled()
    expect(addressEvents(project)).toEqual([])
    expect(importedEvents(project).map(({ detail }) => detail)).toMatchObject([
      { project, source: 'mandrill', recorded: 4, unchanged: 0, leftOut: 1, rejected: 0 },
    ])
    await load(project, `${samples}mandrill.csv`)
    await sesame('suppress', project, 'control@example.com', '--why', 'control')
    await aws.settled()
    expect(importedEvents(project)).toHaveLength(1)
    expect(addressEvents(project)).toHaveLength(1)
  })

  test('an import is recorded for an existing project and with numbers only, and the operator may not publish the event itself', async () => {
    const [project, stack] = [await newProject(), await operatorOf(aws)]
    const facts = {
      source: 'mandrill',
      begunAt: '2026-03-02T12:00:00.000Z',
      recorded: 1,
      unchanged: 0,
      leftOut: 0,
      rejected: 0,
    }
    const record = (rest: object) =>
      manage(stack, { do: 'record-import', by: 'ann', project, ...facts, ...rest }, ImportRecordedAnswer)
    expect(await record({})).toEqual({ published: true })
    await expect(record({ project: 'nobody' })).rejects.toThrow('project nobody does not exist')
    await expect(record({ source: 'ann@example.com' })).rejects.toThrow('source must be')
    await expect(record({ recorded: -1 })).rejects.toThrow('recorded')
    const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-${aws.stage}-${aws.region}-operator`
    const session = await assume(aws, aws.credentials.root(aws.account), { RoleArn })
    const { publish } = createEventBus(new EventBridgeClient(aws.clientConfig(session)), 'sesame-dev')
    await expect(publish([importedEventOf({ project, ...facts })])).rejects.toThrow(
      /not authorized to perform: events:PutEvents/,
    )
  })

  test('an import that was interrupted goes on and gives the same list as one that was not', async () => {
    const [whole, cut] = [await newProject(), await newProject()]
    const rows = Array.from({ length: 1_100 }, (_, i) => `n${i}@example.com,bounce,2024-03-01T10:00:00Z`)
    const file = written('long.csv', ['email,reason,created_at', ...rows].join('\n'))
    await load(whole, file)
    const { rulings } = await operatorOf(aws)
    let writes = 0
    const breaking = {
      ...rulings,
      suppress: async (...args: Parameters<typeof rulings.suppress>) => {
        if (++writes > 1_050) throw new Error('the network is gone')
        return rulings.suppress(...args)
      },
    }
    const work = async (given: typeof rulings) => {
      const opened = await readImport(createReadStream(file), {
        fileName: 'long.csv',
        include: new Set(),
        offsetMinutes: 0,
        now: clock.now(),
      })
      if (!opened) throw new Error('the file is empty')
      const checkpoint = await openCheckpoint(file, folder, [cut])
      const rest = {
        date: undefined,
        begunAt: clock.now(),
        rejected: createRejectedRows(rejected),
        progress: undefined,
      }
      return importFile({ file, project: cut, opened, dryRun: false, rulings: given, checkpoint, ...rest })
    }
    await expect(work(breaking)).rejects.toThrow('the network is gone')
    let after = 0
    const counting = {
      ...rulings,
      suppress: (...args: Parameters<typeof rulings.suppress>) => {
        after++
        return rulings.suppress(...args)
      },
    }
    expect(await work(counting)).toMatchObject({ byCause: { 'hard bounce': 1_100 } })
    expect(after).toBe(100)
    expect(await exported(cut)).toBe(await exported(whole))
  }, 60_000)

  test('a file that does not exist, an empty one and a wrong project are refused with what to do', async () => {
    const project = await newProject()
    await expect(load(project, 'nowhere.csv')).rejects.toThrow('nowhere.csv does not exist')
    await expect(load(project, written('empty.csv', ''))).rejects.toThrow('is empty')
    await expect(load('nobody', `${samples}plain.txt`)).rejects.toThrow('project nobody does not exist')
    await expect(load(project, rejected)).rejects.toThrow('would be overwritten')
  })
})

describe('sesame export', () => {
  test.each(['csv', 'ndjson'])('an export as %s is imported again with the same result', async (output) => {
    const [from, to] = [await newProject(), await newProject()]
    for (const file of ['mandrill.csv', 'sesame.csv', 'telnyx.csv', 'ses-api.json']) await load(from, samples + file)
    await sesame('suppress', from, "'=odd@example.com", '--why', '=1+1, "quoted"', '--by', 'ann')
    const all = await exported(from, '--state', 'all', '--output', output)
    const { printed } = await load(to, written(`export.${output}`, all))
    expect(printed).toMatch(/^export of Sesame: \d+ rows → .*1 reinstatement/)
    expect(printed).not.toContain('rejected')
    expect(await exported(to, '--state', 'all', '--output', output)).toBe(all)
  })

  test('an export for an import job of SES has what the account list should have, and is imported again', async () => {
    const project = await newProject()
    for (const file of ['mandrill.csv', 'sesame.csv']) await load(project, samples + file)
    const lines = (await exported(project, '--output', 'ses-import-job')).split('\n')
    expect(lines).toContain('angry@example.com,COMPLAINT')
    expect(lines).toContain('gone@example.com,BOUNCE')
    // A control: the list has an address that was reinstated, which SES must not refuse.
    expect(await exported(project, '--state', 'all')).toContain('back@example.com,clear')
    expect(lines.join()).not.toContain('back@example.com')
    const to = await newProject()
    expect((await load(to, written('job.csv', lines.join('\n')))).printed).toContain('SES import job')
  })

  test('no cell of a CSV export begins as a formula', async () => {
    const project = await newProject()
    await sesame('suppress', project, '=cmd@example.com', '--why', '@sum', '--by', '+ann')
    const [, row = ''] = (await exported(project)).split('\n')
    expect(row).toContain("'=cmd@example.com,")
    expect(row).toContain(",'+ann: @sum")
  })

  test('an export is filtered by reason, date and state', async () => {
    const project = await newProject()
    for (const file of ['mandrill.csv', 'sesame.csv']) await load(project, samples + file)
    const addresses = async (...args: string[]) =>
      (await exported(project, ...args))
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[0])
    expect(await addresses('--reason', 'complaint')).toEqual(['angry@example.com'])
    expect(await addresses('--state', 'clear')).toEqual(['back@example.com'])
    expect(await addresses('--since', '2024-03-01T10:00:00.100Z')).toEqual(['gone@example.com'])
  })
})
