import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { MissingAttributeError, renderTemplate } from '../../local/ses/handlebars.ts'
import { TemplateSyntaxError } from '../../local/ses/handlebars-syntax.ts'
import { runsOf } from '../runs.ts'
import { CUSTOMER, type SmallAws, STRANGER, smallAws } from './small-aws.ts'

const customer = { account: CUSTOMER }
let aws: SmallAws
const ses = (operation: string, input: object) => aws.call(customer, 'ses', operation, input)
const create = (TemplateName: string, Subject: string, Text = 'Hi', more: object = {}) =>
  ses('CreateEmailTemplate', { TemplateName, TemplateContent: { Subject, Text, ...more } })
const subjects = () => aws.ses.account(CUSTOMER).outgoingMails.map(({ subject }) => subject)

beforeAll(async () => {
  aws = smallAws()
  await ses('CreateEmailIdentity', { EmailIdentity: 'shop.example' })
  await ses('CreateConfigurationSet', { ConfigurationSetName: 'sesame' })
})

describe('Handlebars', () => {
  test.each<[string, string, object, string]>([
    ['an attribute, and its HTML is not escaped', 'Hi {{ name }}, {{{name}}}', { name: '<b>' }, 'Hi <b>, <b>'],
    ['a nested attribute', '{{contact.first}}', { contact: { first: 'Ann' } }, 'Ann'],
    [
      'each item of a list, with its number, its members and those outside',
      '{{#each list}}{{@index}}{{this.a}}{{a}}{{../x}}{{#unless @last}}, {{/unless}}{{else}}none{{/each}}',
      { x: '!', list: [{ a: 'A' }, { a: 'B' }] },
      '0AA!, 1BB!',
    ],
    ['the else of an empty list', '{{#each list}}x{{else}}none{{/each}}', { list: [] }, 'none'],
    ['a condition', '{{#if a}}A{{else if b}}B{{else}}C{{/if}}', { b: 1 }, 'B'],
    ['the last branch of a condition', '{{#if a}}A{{else if b}}B{{else}}C{{/if}}', {}, 'C'],
    ['an object as the context', '{{#with a}}{{b}}{{/with}}', { a: { b: 2 } }, '2'],
    [
      'an inline partial',
      '{{#* inline "full"}}{{first}}{{#if last}} {{last}}{{/if}}{{/inline~}}  Hi {{> full}}!',
      { first: 'Ann', last: 'Lee' },
      'Hi Ann Lee!',
    ],
    [
      'nothing for a comment, and no line for a tag alone on it',
      'a\n  {{! x }}\n{{#if b}}\nb\n{{/if}}\nc',
      { b: 1 },
      'a\nb\nc',
    ],
  ])('renders %s', (_, template, data, rendered) => {
    expect(renderTemplate(template, data)).toBe(rendered)
  })

  test.each(['{{#if x}}', '{{/if}}', '{{a b}}', '{{x', '{{#x}}{{/x}}', '{{#each}}{{/each}}', '{{#if a}}{{/each}}'])(
    'refuses %s',
    (template) => {
      expect(() => renderTemplate(template, {})).toThrow(TemplateSyntaxError)
    },
  )

  test('names an attribute that the data lacks, and reaches nothing that the data does not contain', () => {
    for (const name of ['name', 'constructor', '__proto__', 'a.toString'])
      expect(() => renderTemplate(`{{${name}}}`, { a: 'x' })).toThrow(new MissingAttributeError(name))
    expect(() => renderTemplate('{{#* inline "a"}}{{> a}}{{/inline}}{{> a}}', {})).toThrow(MissingAttributeError)
  })

  test('any text is rendered or refused with its own error', () => {
    const pieces = fc.constantFrom(
      '{{',
      '}}',
      '#if',
      '#each',
      '/if',
      '/each',
      'else',
      'a',
      '~',
      '>',
      '!',
      ' ',
      '\n',
      '"',
      '*',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 15 }), (parts) => {
        try {
          renderTemplate(parts.join(''), { a: ['x'] })
        } catch (error) {
          expect([TemplateSyntaxError, MissingAttributeError]).toContain(Object(error).constructor)
        }
      }),
      { numRuns: runsOf(500) },
    )
  })
})

describe('stored templates', () => {
  test('a template is created once, read, changed, listed in pages and deleted', async () => {
    await create('life', 'Hello {{name}}')
    await expect(create('life', 'again')).rejects.toMatchObject({ code: 'AlreadyExistsException' })
    expect(await ses('GetEmailTemplate', { TemplateName: 'life' })).toEqual({
      TemplateName: 'life',
      TemplateContent: { Subject: 'Hello {{name}}', Text: 'Hi' },
    })
    await ses('UpdateEmailTemplate', { TemplateName: 'life', TemplateContent: { Subject: 'New', Html: '<p>' } })
    expect((await ses('GetEmailTemplate', { TemplateName: 'life' })).TemplateContent).toEqual({
      Subject: 'New',
      Html: '<p>',
    })
    await create('other', 'x')
    const first = await ses('ListEmailTemplates', { PageSize: 1 })
    expect(first.TemplatesMetadata).toEqual([{ TemplateName: 'life', CreatedTimestamp: expect.any(Date) }])
    const second = await ses('ListEmailTemplates', { PageSize: 1, NextToken: first.NextToken })
    expect(second).toMatchObject({ TemplatesMetadata: [{ TemplateName: 'other' }] })
    await ses('DeleteEmailTemplate', { TemplateName: 'life' })
    await ses('DeleteEmailTemplate', { TemplateName: 'life' })
    const elsewhere = aws.call({ account: STRANGER }, 'ses', 'GetEmailTemplate', { TemplateName: 'other' })
    for (const gone of [ses('GetEmailTemplate', { TemplateName: 'life' }), elsewhere])
      await expect(gone).rejects.toMatchObject({ code: 'NotFoundException' })
  })

  test.each<[string, object]>([
    ['no subject', { Text: 'x' }],
    ['no body', { Subject: 'x' }],
    ['a block that is not closed', { Subject: '{{#if x}}', Text: 'x' }],
    ['too many bytes', { Subject: 'x', Text: 'x'.repeat(512_001) }],
  ])('a template with %s is refused', async (_, TemplateContent) => {
    const created = ses('CreateEmailTemplate', { TemplateName: 'bad', TemplateContent })
    await expect(created).rejects.toMatchObject({ code: 'BadRequestException' })
  })

  test('a test renders a template as a message, or names the attribute that is missing', async () => {
    await create('rendered', 'Hi {{name}}', '{{#each items}}{{this}};{{/each}}', { Html: '<p>{{name}}</p>' })
    const render = (data: object) =>
      ses('TestRenderEmailTemplate', { TemplateName: 'rendered', TemplateData: JSON.stringify(data) })
    const { RenderedTemplate } = await render({ name: 'Ann', items: ['a', 'b'] })
    expect(RenderedTemplate).toMatch(/^Subject: Hi Ann\r$/m)
    expect(RenderedTemplate).toContain('a;b;')
    expect(RenderedTemplate).toContain('<p>Ann</p>')
    await expect(render({})).rejects.toMatchObject({
      code: 'BadRequestException',
      message: "Attribute 'name' is not present in the rendering data.",
    })
  })

  test('a template in the request has simple substitution only', async () => {
    const sendInline = (Subject: string) =>
      ses('SendEmail', {
        FromEmailAddress: 'a@shop.example',
        Destination: { ToAddresses: ['b@mail.example'] },
        Content: { Template: { TemplateContent: { Subject, Text: 'x' }, TemplateData: '{"name":"Ann"}' } },
      })
    await sendInline('Hi {{name}}')
    await aws.settled()
    expect(subjects().at(-1)).toBe('Hi Ann')
    await expect(sendInline('{{#if name}}x{{/if}}')).rejects.toMatchObject({
      code: 'BadRequestException',
      message: 'Template contains unsupported operations',
    })
  })
})

describe('SendBulkEmail', () => {
  const entry = (to: string, data?: string, more: object = {}) => ({
    Destination: { ToAddresses: [to] },
    ...(data !== undefined && { ReplacementEmailContent: { ReplacementTemplate: { ReplacementTemplateData: data } } }),
    ...more,
  })
  const bulk = (BulkEmailEntries: object[], more: object = {}) =>
    ses('SendBulkEmail', {
      FromEmailAddress: 'a@shop.example',
      ConfigurationSetName: 'sesame',
      DefaultContent: { Template: { TemplateName: 'bulk', TemplateData: '{"name":"you"}' } },
      BulkEmailEntries,
      ...more,
    })
  const statuses = async (answer: ReturnType<typeof bulk>) =>
    [(await answer).BulkEmailEntryResults].flat().map((one) => Object(one).Status)

  beforeAll(async () => {
    await create('bulk', 'Hi {{name}}')
  })

  test('each entry is a mail with its own data, and the default data counts as a whole', async () => {
    const before = subjects().length
    const answer = await bulk([
      entry('a@mail.example', '{"name":"Ann"}'),
      entry('b@mail.example'),
      entry('c@mail.example', '{}'),
      entry('d@mail.example', '{"other":1}'),
    ])
    expect(answer.BulkEmailEntryResults).toEqual(Array(4).fill({ Status: 'SUCCESS', MessageId: expect.any(String) }))
    await aws.settled()
    // The last is a rendering failure: its data has no name.
    expect(subjects().slice(before).sort()).toEqual(['Hi Ann', 'Hi you', 'Hi you'])
  })

  test('one bad entry does not affect the others', async () => {
    const many = Array.from({ length: 51 }, (_, index) => `a${index}@mail.example`)
    const tooMany = { Destination: { ToAddresses: many } }
    expect(await statuses(bulk([tooMany, entry('a@mail.example')]))).toEqual(['INVALID_PARAMETER', 'SUCCESS'])
  })

  test('the answer is a success although no mail is sent', async () => {
    const one = [entry('a@mail.example')]
    expect(await statuses(bulk(one, { DefaultContent: { Template: { TemplateName: 'none' } } }))).toEqual([
      'TEMPLATE_NOT_FOUND',
    ])
    expect(await statuses(bulk(one, { FromEmailAddress: 'a@other.example' }))).toEqual(['MESSAGE_REJECTED'])
    await ses('CreateConfigurationSet', { ConfigurationSetName: 'paused' })
    await ses('PutConfigurationSetSendingOptions', { ConfigurationSetName: 'paused', SendingEnabled: false })
    expect(await statuses(bulk(one, { ConfigurationSetName: 'paused' }))).toEqual(['CONFIGURATION_SET_SENDING_PAUSED'])
    await expect(bulk(one, { ConfigurationSetName: 'none' })).resolves.toMatchObject({
      BulkEmailEntryResults: [{ Status: 'CONFIGURATION_SET_NOT_FOUND' }],
    })
  })

  test('beyond the rate, entries are throttled one by one', async () => {
    const account = aws.ses.account(CUSTOMER)
    account.sendRate = { perSecond: 2, isEnforced: true, second: 0, sent: 0 }
    const found = await statuses(bulk(['a', 'b', 'c', 'd'].map((name) => entry(`${name}@mail.example`))))
    expect(found).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS', 'ACCOUNT_THROTTLED'])
    account.sendRate = { perSecond: 100, isEnforced: true, second: 0, sent: 0 }
    account.perDay = 0
    expect(await statuses(bulk([entry('a@mail.example')]))).toEqual(['ACCOUNT_DAILY_QUOTA_EXCEEDED'])
    account.sendRate = { perSecond: 14, isEnforced: false, second: 0, sent: 0 }
    account.perDay = 50_000
  })

  test('a paused account and a suspended one send nothing', async () => {
    const account = aws.ses.account(CUSTOMER)
    const one = [entry('a@mail.example')]
    await ses('PutAccountSendingAttributes', { SendingEnabled: false })
    expect(await statuses(bulk(one))).toEqual(['ACCOUNT_SENDING_PAUSED'])
    expect(await ses('GetAccount', {})).toMatchObject({ SendingEnabled: false, EnforcementStatus: 'HEALTHY' })
    await ses('PutAccountSendingAttributes', { SendingEnabled: true })
    account.enforcement = 'SHUTDOWN'
    expect(await statuses(bulk(one))).toEqual(['ACCOUNT_SUSPENDED'])
    account.enforcement = 'HEALTHY'
    expect(await statuses(bulk(one))).toEqual(['SUCCESS'])
  })

  test('no entries, and more than 50, are refused as a whole', async () => {
    for (const count of [0, 51])
      await expect(bulk(Array(count).fill(entry('a@mail.example')))).rejects.toMatchObject({
        code: 'BadRequestException',
      })
  })
})

describe('an identity that is not verified yet', () => {
  test('a domain has three DKIM records to publish, and may send once SES finds them', async () => {
    const account = aws.ses.account(CUSTOMER)
    account.found = new Set()
    const created = await ses('CreateEmailIdentity', { EmailIdentity: 'new.example' })
    expect(created).toMatchObject({
      VerifiedForSendingStatus: false,
      DkimAttributes: {
        Status: 'PENDING',
        SigningHostedZone: 'dkim.amazonses.com',
        SigningAttributesOrigin: 'AWS_SES',
      },
    })
    const tokens: string[] = Object(created.DkimAttributes).Tokens
    expect(tokens).toHaveLength(3)
    const send = () =>
      ses('SendEmail', {
        FromEmailAddress: 'a@new.example',
        Destination: { ToAddresses: ['success@simulator.amazonses.com'] },
        Content: { Simple: { Subject: { Data: 'x' }, Body: {} } },
      })
    await expect(send()).rejects.toMatchObject({ code: 'MessageRejected' })
    expect(await ses('GetEmailIdentity', { EmailIdentity: 'new.example' })).toMatchObject({
      VerificationStatus: 'PENDING',
      VerificationInfo: { ErrorType: 'HOST_NOT_FOUND' },
    })
    account.found = new Set(tokens.map((token) => `${token}._domainkey.new.example`))
    await send()
    await ses('PutEmailIdentityMailFromAttributes', {
      EmailIdentity: 'new.example',
      MailFromDomain: 'mail.new.example',
      BehaviorOnMxFailure: 'REJECT_MESSAGE',
    })
    await expect(send()).rejects.toMatchObject({ code: 'MailFromDomainNotVerifiedException' })
    account.found.add('mail.new.example')
    await send()
    expect(await ses('GetEmailIdentity', { EmailIdentity: 'new.example' })).toMatchObject({
      VerifiedForSendingStatus: true,
      MailFromAttributes: { MailFromDomain: 'mail.new.example', MailFromDomainStatus: 'SUCCESS' },
    })
    await ses('PutEmailIdentityMailFromAttributes', { EmailIdentity: 'new.example' })
    const { MailFromAttributes } = await ses('GetEmailIdentity', { EmailIdentity: 'new.example' })
    expect(MailFromAttributes).toEqual({ BehaviorOnMxFailure: 'USE_DEFAULT_VALUE' })
    account.found = 'all'
  })

  test('a MAIL FROM domain outside the identity is refused', async () => {
    const put = ses('PutEmailIdentityMailFromAttributes', {
      EmailIdentity: 'shop.example',
      MailFromDomain: 'a.example',
    })
    await expect(put).rejects.toMatchObject({ code: 'BadRequestException' })
  })
})

test('a mail can override the tracking of its configuration set', async () => {
  await ses('SendEmail', {
    FromEmailAddress: 'a@shop.example',
    Destination: { ToAddresses: ['b@mail.example'] },
    Content: { Simple: { Subject: { Data: 'x' }, Body: {} } },
    ConfigurationOverrides: { Tracking: { OpenTrackingEnabled: 'DISABLED', ClickTrackingEnabled: 'ENABLED' } },
  })
  await aws.settled()
  expect(aws.ses.account(CUSTOMER).outgoingMails.at(-1)).toMatchObject({ tracking: { opens: false, clicks: true } })
})
