/** One row for each role of the stack and of connected customers: use, refusals, unexpected use, and what is proven about it. */
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { probingRoles } from '../audit/intended-uses.ts'
import type { Use } from '../audit/uses.ts'
import { concurrently } from '../concurrently.ts'
import { readRoleFiles } from '../template/role-files.ts'
import { readYaml } from '../template/yaml-file.ts'
import { dayMs } from '../time.ts'
import { createKept } from './kept.ts'
import type { DashboardStack } from './stack.ts'
import type { RolesAnswer } from './stack-answers.ts'

export type RoleRow = RolesAnswer['roles'][number]
export type RoleState = { readonly row: RoleRow; readonly uses: readonly Use[] }

export const usedDays = 30
const queriesAtOnce = 8
const keepMs = 20_000
const root = fileURLToPath(new URL('../../', import.meta.url))

const Claims = v.array(v.looseObject({ clause: v.optional(v.string()) }))

/** Clauses of "may not" with a claim, which CI proves for all requests. A file without claims has none. */
function claimsOf(role: string): number {
  const read = v.safeParse(Claims, readYaml(root, `iam/claims/${role}.yml`))
  return read.success ? read.output.filter(({ clause }) => clause !== undefined).length : 0
}

export type RoleRows = ReturnType<typeof createRoleRows>

export function createRoleRows({ connections, uses }: Pick<DashboardStack, 'connections' | 'uses'>, now: () => Date) {
  const kept = createKept<RoleState[]>(
    () => keepMs,
    () => now().getTime(),
  )
  async function read(): Promise<RoleState[]> {
    const ours = readRoleFiles().roles.map(({ name, head }) => ({
      role: name,
      title: name,
      claims: claimsOf(name),
      may: head.may,
      mayNot: head.mayNot,
    }))
    const theirs = (await connections.all())
      .flatMap(({ project, roleArn }) =>
        roleArn === undefined ? [] : [{ role: roleArn, title: `role of ${project}`, claims: 0 }],
      )
      .sort((one, other) => (one.title < other.title ? -1 : 1))
    const all = [...ours, ...theirs]
    const states: RoleState[] = []
    // One day is added, in case our clock is behind CloudTrail's.
    const [from, to] = [new Date(now().getTime() - usedDays * dayMs), new Date(now().getTime() + dayMs)]
    await concurrently(all.entries(), queriesAtOnce, async ([index, listed]) => {
      const found = await Array.fromAsync(uses.ofRole(listed.role, from, to))
      states[index] = { row: { ...listed, ...numbersOf(found) }, uses: found }
    })
    return states
  }

  return { all: (): Promise<RoleState[]> => kept.of('all', read) }
}

const isProof = ({ refused, by }: Use): boolean =>
  refused !== undefined && probingRoles.some((role) => by === `role ${role}`)

function numbersOf(found: readonly Use[]) {
  const single = found.filter(({ event }) => event !== undefined)
  const allowed = single.filter(({ refused }) => refused === undefined)
  const refusedInProofs = single.filter(isProof).length
  const last = allowed.at(-1)?.at
  return {
    ...(last && { lastUse: last.toISOString() }),
    uses: allowed.length,
    refused: single.length - allowed.length - refusedInProofs,
    refusedInProofs,
    unexpected: found.filter(({ verdict }) => verdict === 'unexpected').length,
  }
}
