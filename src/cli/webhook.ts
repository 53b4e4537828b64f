/**
 * `sesame webhook add | list | test | rotate | resume | remove | deliveries`: URLs that receive a project's events as signed requests.
 *
 * The function manage-webhooks does the work, so the user of the command can read no secret but the one that it has just made.
 */
import type { Command } from 'commander'
import type * as v from 'valibot'
import { WebhookAnswer, WebhookDeliveriesAnswer, WebhookSecretAnswer, WebhooksAnswer } from '../operations/answers.ts'
import { sleep } from '../time.ts'
import type { CommandContext } from './command-context.ts'
import {
  confirmed,
  listed,
  type OutputOptions,
  positiveNumber,
  userName,
  withByOption,
  withOutputOption,
  withYesOption,
  type YesOption,
} from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { type OperationRequest, requestOperation } from './invoke.ts'
import { type Column, printOne, printRows } from './output.ts'
import { requireProject } from './stack.ts'

type Webhook = v.InferOutput<typeof WebhooksAnswer>['webhooks'][number]
type Delivery = v.InferOutput<typeof WebhookDeliveriesAnswer>['deliveries'][number]
type Secret = v.InferOutput<typeof WebhookSecretAnswer>
type ByOptions = OutputOptions & { readonly by: string }

const secretColumns: readonly Column<Secret>[] = [
  ['webhook', ({ id }) => id],
  ['secret', ({ secret }) => secret],
  ['former secret until', ({ until }) => dateOf(until)],
]

const webhookColumns: readonly Column<Webhook>[] = [
  ['webhook', ({ id }) => id],
  ['url', ({ url }) => url],
  ['events', ({ types }) => (types.length === 0 ? 'all' : types.join(', '))],
  ['state', stateOf],
  ['last delivered', ({ deliveredAt }) => dateOf(deliveredAt)],
]

const deliveryColumns: readonly Column<Delivery>[] = [
  ['event at', ({ at }) => dateOf(at)],
  ['webhook', ({ webhook }) => webhook],
  ['type', ({ type }) => type],
  ['outcome', ({ outcome }) => outcome],
  ['attempts', ({ attempts }) => attempts],
  ['answer', ({ answer }) => answer],
  ['last attempt', ({ triedAt }) => dateOf(triedAt)],
  ['webhook-id', ({ event }) => event],
]

const testPollMs = 500
const maxTestPolls = 80

export function registerWebhook(program: Command, context: CommandContext, pause = sleep): void {
  const webhook = program.command('webhook').description('deliver events of a project to URLs, as signed requests')
  const ask = <Schema extends v.GenericSchema>(request: OperationRequest, answer: Schema) =>
    requestOperation(context.stack(), 'manage-webhooks', request, answer)

  registerAdd(webhook, context, ask)

  withOutputOption(webhook.command('list <project>'))
    .description('list the webhooks of a project, and which of them fail')
    .action(async (project: string, options: OutputOptions) => {
      await requireProject(context.stack(), project)
      const { webhooks } = await ask({ do: 'list', by: userName(), project }, WebhooksAnswer)
      const none = `Project ${project} has no webhook. Add one with sesame webhook add ${project} https://…`
      await printRows(context, options, { columns: webhookColumns, rows: webhooks, none })
    })

  withOutputOption(webhook.command('test <project> <webhook>'))
    .description('send a test event, and show what the receiver answered; exits with 3 if it was not delivered')
    .action(async (project: string, id: string, options: OutputOptions) => {
      const { event } = await ask({ do: 'test', by: userName(), project, webhook: id }, WebhookAnswer)
      context.progress?.('waiting for the delivery …')
      const request = { do: 'deliveries', by: userName(), project, event, limit: 1 }
      for (let polls = 0; polls < maxTestPolls; polls++) {
        const [delivery] = (await ask(request, WebhookDeliveriesAnswer)).deliveries
        if (delivery) {
          const text = `${id}: ${delivery.outcome === 'delivered' ? 'delivered' : 'not delivered'}, ${delivery.answer}`
          await printOne(context, options, { columns: deliveryColumns, row: delivery, text })
          if (delivery.outcome !== 'delivered') exitWith(exitCodes.no)
          return
        }
        await pause(testPollMs)
      }
      await context.print(`${id}: no attempt was made yet. See sesame webhook deliveries ${project}`)
      exitWith(exitCodes.failed)
    })

  withOutputOption(webhook.command('deliveries <project>'))
    .description('list the deliveries of the last 30 days, the latest first')
    .option('--webhook <id>', 'only of this webhook')
    .option('--limit <n>', 'deliveries to show, at most 1000', positiveNumber, 50)
    .action(
      async (
        project: string,
        { webhook: id, limit, ...options }: OutputOptions & { webhook?: string; limit: number },
      ) => {
        const request = { do: 'deliveries', by: userName(), project, webhook: id, limit }
        const { deliveries } = await ask(request, WebhookDeliveriesAnswer)
        await printRows(context, options, {
          columns: deliveryColumns,
          rows: deliveries,
          none: 'Nothing was delivered.',
        })
      },
    )

  registerChanges(webhook, context, ask)
}

type Ask = <Schema extends v.GenericSchema>(request: OperationRequest, answer: Schema) => Promise<v.InferOutput<Schema>>

function registerAdd(webhook: Command, context: CommandContext, ask: Ask): void {
  withOutputOption(withByOption(webhook.command('add <project> <url>')))
    .description('add a webhook and show its secret, this once')
    .option('--events <types...>', 'receive only these events, such as address.suppressed (default: all)', listed)
    .action(async (project: string, url: string, { by, events, ...options }: ByOptions & { events?: string[] }) => {
      const secret = await ask({ do: 'add', by, project, url, types: events }, WebhookSecretAnswer)
      const text = [
        `${secret.id} receives the events of ${project}.`,
        `secret  ${secret.secret}`,
        'The secret is not shown again. Give it to the receiver, which verifies each request with it: docs/webhooks.md',
        `Test it with sesame webhook test ${project} ${secret.id}`,
      ].join('\n')
      await printOne(context, options, { columns: secretColumns, row: secret, text })
    })
}

function registerChanges(webhook: Command, context: CommandContext, ask: Ask): void {
  withOutputOption(withByOption(withYesOption(webhook.command('rotate <project> <webhook>'))))
    .description('make a new secret; requests are signed with the old one too for a day')
    .action(async (project: string, id: string, { by, ...options }: ByOptions & YesOption) => {
      await confirmed(context, options, `The receiver of ${id} must know the new secret within a day.`)
      const secret = await ask({ do: 'rotate', by, project, webhook: id }, WebhookSecretAnswer)
      const text = [
        `secret  ${secret.secret}`,
        `The secret is not shown again. The former secret is valid until ${secret.until ?? 'now'}.`,
      ].join('\n')
      await printOne(context, options, { columns: secretColumns, row: secret, text })
    })

  withByOption(webhook.command('resume <project> <webhook>'))
    .description('switch a webhook on again; events of the time in between are not delivered')
    .action(async (project: string, id: string, { by }: ByOptions) => {
      await ask({ do: 'resume', by, project, webhook: id }, WebhookAnswer)
      await context.print(`${id} receives the events of ${project} again.`)
    })

  withByOption(withYesOption(webhook.command('remove <project> <webhook>')))
    .description('remove a webhook with its secret')
    .action(async (project: string, id: string, { by, ...options }: ByOptions & YesOption) => {
      await confirmed(context, options, `${id} of ${project} receives no more events, and its secret is deleted.`)
      await ask({ do: 'remove', by, project, webhook: id }, WebhookAnswer)
      await context.print(`${id} is removed.`)
    })
}

function stateOf({ off, failingSince }: Webhook): string {
  if (off) return `off since ${off.since}: ${off.why}`
  return failingSince === undefined ? 'on' : `failing since ${failingSince}`
}

const dateOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))
