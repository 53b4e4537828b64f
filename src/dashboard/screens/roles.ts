/** Roles: who used which role, and could it do more than it should? */
import type { Use } from '../../audit/uses.ts'
import { DashboardProblem } from '../http.ts'
import { type RoleRows, usedDays } from '../role-rows.ts'
import type { RoleAnswer, RolesAnswer } from '../stack-answers.ts'

const shownUses = 100

export function createRoleScreens(rows: RoleRows) {
  return {
    async list(): Promise<RolesAnswer> {
      const all = (await rows.all()).map(({ row }) => row)
      const roles = all.toSorted((one, other) => Number(other.unexpected > 0) - Number(one.unexpected > 0))
      const unexpected = roles.filter((role) => role.unexpected > 0)
      const claims = roles.reduce((sum, role) => sum + role.claims, 0)
      const [first] = unexpected
      return {
        standing: first ? 'critical' : 'good',
        days: usedDays,
        sentence: first
          ? `In ${usedDays} days, ${unexpected.length === 1 ? `${first.title} was` : `${unexpected.length} roles were`} used in a way that was not expected. ${claims} clauses of what roles may not do are proven for all requests.`
          : `Every recorded use in ${usedDays} days was expected. ${claims} clauses of what roles may not do are proven for all requests.`,
        roles,
      }
    },

    async show(name: string): Promise<RoleAnswer> {
      const state = (await rows.all()).find(({ row }) => row.role === name)
      if (!state) throw new DashboardProblem(404, 'There is no such role.', 'Choose one in the list of roles.')
      return {
        ...state.row,
        sessions: state.uses.toReversed().slice(0, shownUses).map(sessionOf),
        more: state.uses.length > shownUses,
      }
    },
  }
}

const sessionOf = ({ at, by, from, project, purpose, function: name, refused, event, verdict, why }: Use) => {
  const use = project === undefined ? name : `${project}${purpose === undefined ? '' : `, to ${purpose}`}`
  return {
    at: at.toISOString(),
    by,
    ...(from !== undefined && { from }),
    ...(use !== undefined && { purpose: use }),
    outcome:
      refused === undefined
        ? 'allowed'
        : event === undefined
          ? `refused many times: ${refused}`
          : `refused: ${refused}`,
    ...(verdict === 'unexpected' && { unexpected: why ?? 'not expected' }),
  }
}
