import { describe, expect, test } from 'vitest'
import { type Simulation, simulate } from '../../tools/iam/simulation/simulate.ts'

const api = 'arn:aws:execute-api:us-east-1:123456789012:sesameapi0/$default'
const call = (role: string, path: string, wanted: Simulation['wanted']): Simulation => ({
  role,
  action: 'execute-api:Invoke',
  resource: `${api}/${path}`,
  context: {},
  parameters: { ApiId: 'sesameapi0', Project: 'acme' },
  wanted,
})

describe.each(['application-on-ec2', 'application-on-ecs', 'application-on-lambda'])('the template %s', (role) => {
  test.each(['POST/projects/acme/messages', 'GET/projects/acme/suppressions'])(
    `${role} with an API may call %s`,
    (path) => {
      expect(simulate(call(role, path, 'allowed')).verdict).toBe('allowed')
    },
  )

  test.each([
    'POST/projects/globex/messages',
    'GET/projects/globex/suppressions',
    'POST/projects/acme2/messages',
    'DELETE/projects/acme/suppressions',
  ])(`${role} with an API may not call %s`, (path) => {
    expect(simulate(call(role, path, 'denied')).verdict).toBe('denied')
  })

  test(`${role} with an API may not manage connections on the paths of its project`, () => {
    const path = 'POST/projects/acme/messages'
    const manage = { ...call(role, path, 'denied'), action: 'execute-api:ManageConnections' }
    expect(simulate(manage).verdict).toBe('denied')
  })
})
