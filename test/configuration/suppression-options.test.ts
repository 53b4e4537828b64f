import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { UsableConnection } from '../../src/projects/connection.ts'
import { ACME, type Deployed, deployed } from './configured-account.ts'

describe('the suppression options of a configuration set', () => {
  let it: Deployed
  let acme: UsableConnection
  beforeAll(async () => {
    it = await deployed()
    acme = await it.connected('acme', ACME)
  })
  beforeEach(async () => {
    it.aws.ses.account(ACME).configurationSets.delete('sesame-acme')
    await it.configuration().configure(acme)
  })

  const autoValidation = {
    ConditionThreshold: {
      ConditionThresholdEnabled: 'ENABLED',
      OverallConfidenceThreshold: { ConfidenceVerdictThreshold: 'HIGH' },
    },
  }

  test('a new configuration set uses the list of the account, even for mail of a tenant with a list of its own', async () => {
    expect(it.set(acme)).toMatchObject({ suppressionScope: 'ACCOUNT', suppressedReasons: ['BOUNCE', 'COMPLAINT'] })
    const account = it.aws.ses.account(ACME)
    account.tenants.set('shop', { name: 'shop', id: 'tn-1', scope: 'TENANT', list: new Map() })
    account.accountList.set('gone@example.com', { address: 'gone@example.com', reason: 'BOUNCE', at: it.clock.now() })
    const before = account.outgoingMails.length
    await it.send(acme, 'gone@example.com', 'sesame-acme', 'shop')
    expect(account.outgoingMails).toHaveLength(before)
    Object.assign(it.set(acme) ?? {}, { suppressionScope: undefined })
    await it.send(acme, 'gone@example.com', 'sesame-acme', 'shop')
    expect(account.outgoingMails).toHaveLength(before + 1)
  })

  test('a repair of the reasons keeps the validation options that somebody has set', async () => {
    Object.assign(it.set(acme) ?? {}, { suppressedReasons: ['BOUNCE'], validationOptions: autoValidation })
    await it.configuration().repair(acme)
    expect(it.set(acme)).toMatchObject({
      suppressedReasons: ['BOUNCE', 'COMPLAINT'],
      suppressionScope: 'ACCOUNT',
      validationOptions: autoValidation,
    })
  })

  test('the scope TENANT is drift, because SES then ignores the list of the account', async () => {
    Object.assign(it.set(acme) ?? {}, { suppressionScope: 'TENANT', validationOptions: autoValidation })
    expect(await it.configuration().driftOf(acme)).toEqual([
      {
        kind: 'suppression scope changed',
        text: "The suppression scope of sesame-acme is TENANT: SES ignores the account's list, which Sesame keeps in step",
        repairable: true,
      },
    ])
    expect((await it.configuration().repair(acme)).done).toEqual([
      'set the suppression scope of sesame-acme to ACCOUNT',
    ])
    expect(it.set(acme)).toMatchObject({ suppressionScope: 'ACCOUNT', validationOptions: autoValidation })
    expect(await it.configuration().driftOf(acme)).toEqual([])
  })

  test('a configuration set without a scope, as version 0.2.0 created it, is no drift', async () => {
    Object.assign(it.set(acme) ?? {}, { suppressionScope: undefined })
    expect(await it.configuration().driftOf(acme)).toEqual([])
  })

  test.each(['ACCOUNT', undefined])(
    'the scope %s is drift for a project with a tenant, and the repair sets TENANT',
    async (suppressionScope) => {
      Object.assign(it.set(acme) ?? {}, { suppressionScope })
      const wanted = { tenant: 'shop-17' }
      const [drift] = await it.configuration().driftOf(acme, wanted)
      expect(drift?.text).toContain('SES ignores the list of tenant shop-17')
      expect((await it.configuration().repair(acme, wanted)).remaining).toEqual([])
      expect(it.set(acme)).toMatchObject({ suppressionScope: 'TENANT' })
    },
  )
})
