/**
 * The state of the whole embedded AWS beyond its deployment: what each service keeps, the roles that nobody deployed, and the accounts.
 *
 * Not kept: sessions, logs, events that were delivered, and change sets that were not executed.
 */
import * as v from 'valibot'
import type { CredentialStore } from '../credentials.ts'
import type { Services } from '../dispatcher.ts'
import { keptRoles } from '../kept-roles.ts'
import type { Roles } from '../roles.ts'
import type { KeptState } from '../service.ts'

const parts = v.object({ accounts: v.array(v.string()), roles: v.unknown(), services: v.map(v.string(), v.unknown()) })

/** Call it when the stack is deployed. */
export function createKeptStates(services: Services, roles: Roles, credentials: CredentialStore): KeptState {
  const ofRoles = keptRoles(roles)
  const ofServices = Object.entries(services).flatMap(([name, service]) =>
    service?.keeps ? [[name, service.keeps()] as const] : [],
  )
  return {
    async dump(): Promise<v.InferInput<typeof parts>> {
      const dumped = new Map<string, unknown>()
      for (const [name, state] of ofServices) dumped.set(name, await state.dump())
      return { accounts: credentials.accounts(), roles: ofRoles.dump(), services: dumped }
    },
    async restore(value) {
      const kept = v.parse(parts, value)
      for (const account of kept.accounts) credentials.root(account)
      await ofRoles.restore(kept.roles)
      for (const [name, state] of ofServices) {
        const ofService = kept.services.get(name)
        if (ofService !== undefined) await state.restore(ofService)
      }
    },
  }
}
