/** What CloudFormation keeps between runs: its stacks, without change sets that were not executed. Their roles are kept by IAM. */
import * as v from 'valibot'
import type { KeptState } from '../service.ts'
import { evaluateTemplate } from './evaluate-template.ts'
import { type Stack, stackStatuses } from './stacks.ts'

const event = v.object({
  EventId: v.string(),
  StackId: v.string(),
  StackName: v.string(),
  LogicalResourceId: v.string(),
  ResourceType: v.string(),
  ResourceStatus: v.string(),
  ResourceStatusReason: v.exactOptional(v.string()),
  Timestamp: v.date(),
})
const kept = v.map(
  v.string(),
  v.object({
    id: v.string(),
    name: v.string(),
    createdAt: v.date(),
    status: v.picklist(stackStatuses),
    reason: v.exactOptional(v.string()),
    capabilities: v.array(v.string()),
    tags: v.array(v.looseObject({})),
    events: v.array(event),
    template: v.exactOptional(v.object({ text: v.string(), parameters: v.record(v.string(), v.string()) })),
  }),
)

/** @param stacks by account, region and name */
export function keptStacks(stacks: Map<string, Stack>): KeptState {
  return {
    dump: () =>
      new Map(
        [...stacks].map(([key, { current, changeSets: _, ...stack }]) => [
          key,
          {
            ...stack,
            ...(current && { template: { text: current.text, parameters: current.evaluated.parameters } }),
          },
        ]),
      ),
    restore(value) {
      for (const [key, { template, ...stack }] of v.parse(kept, value)) {
        const [account = '', region = ''] = key.split('/')
        const place = { account, region, stack: stack.name, stackId: stack.id }
        const evaluated = template && evaluateTemplate(template.text, template.parameters, place)
        stacks.set(key, {
          ...stack,
          changeSets: new Map(),
          ...(template && evaluated && { current: { text: template.text, evaluated } }),
        })
      }
    },
  }
}
