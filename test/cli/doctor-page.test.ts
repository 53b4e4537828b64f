/** docs/doctor.md shows what the command prints: `npx vitest run test/cli/doctor-page.test.ts -u` writes the page. The README links to it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { registerDoctor } from '../../src/cli/doctor.ts'
import { defaultFeatures } from '../../src/projects/connection.ts'
import { OURS, provenAccount, STRANGER } from '../access/proof/proven-account.ts'
import { run } from './operator.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

const open = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OURS}:root` }, Action: 'sts:AssumeRole' },
}

const stranger = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${STRANGER}:root` },
  Action: 'sts:AssumeRole',
}
const more = {
  Version: '2012-10-17',
  Statement: { Sid: 'CleanUp', Effect: 'Allow', Action: 'ses:DeleteEmailIdentity', Resource: '*' },
}

const opening = `\
# sesame doctor

Is the trust relationship correct? Are the permissions granted? Is the session duration allowed? \`sesame doctor PROJECT\` proves a connection step
by step. For each failed step it names the layer to repair, and prints the text that the customer pastes into the role.

- \`--all\` checks every connected project.
- \`--json\` prints one JSON object per project, without the texts to paste.
- \`--paste\` prints the expected trust policy even if nothing is wrong.
- \`--repair\` repairs drift in the configuration, and checks again.
- \`--mail\` sends a mail to the SES mailbox simulator and waits for its bounce.

The command exits with 1 if a step fails or if the proof has no result. Sesame makes the same proof before it stores a role
(\`sesame attach PROJECT ROLE_ARN\`), and repeats it daily.

With the feature \`inspection\` (on in the template unless switched off), Sesame reads the policies of its own role, and judges from their text
who else may assume it, and whether it grants more than Sesame uses. Without it, both stay \`?\`.

Signs: \`✓\` passed, \`✗\` failed, \`–\` not tried, \`?\` unknown. What a proof decides:
[design/access.md](design/access.md#what-does-a-proof-decide).
`

const section = (title: string, text: string, command: string, printed: string) =>
  `\n## ${title}\n\n${text}\n\n\`\`\`text\n$ ${command}\n${printed.trim()}\n\`\`\`\n`

test('docs/doctor.md shows what the command prints for a healthy, an open, a denied and a drifted connection', async () => {
  const stack = await provenAccount()
  await stack.identity()
  const acme = await stack.connect('acme', { features: [...defaultFeatures] })
  const sesame = async (...args: string[]) => {
    stack.clock.advance(1_000)
    const { printed } = await run(
      stack.aws,
      (program, given) => registerDoctor(program, given, () => stack.aws.settled()),
      ...args,
    )
    return printed.replaceAll(acme.externalId, '0f3a91c27be84d56a0d1f2e3c4b5a697')
  }
  stack.makeRole(acme.roleInput)
  await stack.attach('acme', acme.roleArn)
  const drifted = await sesame('doctor', 'acme')
  const healthy = await sesame('doctor', 'acme', '--repair', '--mail')
  const { AssumeRolePolicyDocument: template, Policies } = customerRoleOf(acme.roleInput, OURS)
  stack.makeRole(acme.roleInput, {
    AssumeRolePolicyDocument: { ...template, Statement: [...template.Statement, stranger] },
    Policies: [...Policies, { PolicyName: 'more', PolicyDocument: more }],
  })
  const wide = await sesame('doctor', 'acme')
  stack.makeRole(acme.roleInput, { AssumeRolePolicyDocument: open })
  const opened = await sesame('doctor', 'acme')
  stack.makeRole({ ...acme.roleInput, externalId: '0'.repeat(32) })
  const denied = await sesame('doctor', 'acme')

  const page = [
    opening,
    section('Healthy', 'Every step that can be tried passes.', 'sesame doctor acme --mail', healthy),
    section(
      'Wide',
      'The role lets another account in, and grants more than Sesame uses. Nobody enters it through Sesame, so the connection stays; the feature `inspection` tells.',
      'sesame doctor acme',
      wide,
    ),
    section(
      'Open',
      'The trust policy lost its condition on the external id. The connection is quarantined: only the doctor enters the account.',
      'sesame doctor acme',
      opened,
    ),
    section(
      'Denied',
      'The trust policy requires another external id. STS does not say so: it gives the same answer for a role that does not exist.',
      'sesame doctor acme',
      denied,
    ),
    section(
      'Drifted',
      'The configuration in the account does not match the setup. Drift does not quarantine the connection; `--repair` repairs it.',
      'sesame doctor acme',
      drifted,
    ),
  ].join('')
  await expect(page).toMatchFileSnapshot('../../docs/doctor.md')
  expect(readme).toContain('(docs/doctor.md)')
})
