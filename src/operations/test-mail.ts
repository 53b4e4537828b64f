/**
 * Operation `test-mail`: sends one mail from the customer's SES to the mailbox simulator.
 *
 * The caller then watches the suppression list for the address. It chooses the nonce in the address, and neither its mailbox nor its
 * domain: the mail always goes to the simulator, which counts in no rate.
 */
import * as v from 'valibot'
import { type DeliveryDependencies, deliveryStep } from '../access/proof/steps/delivery.ts'
import type { Connections } from '../projects/connections.ts'
import { ProjectId } from '../projects/project.ts'
import type { AnswerOf, TestMailAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

export const testMail = (connections: Pick<Connections, 'usable'>, delivery: DeliveryDependencies) =>
  createOperation(
    { project: ProjectId, nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)) },
    async ({ project, nonce }, { deployment }): Promise<AnswerOf<typeof TestMailAnswer>> => ({
      step: await deliveryStep(await connections.usable(project), nonce, deployment.account, delivery),
    }),
  )
