/** docs/doctor.md and the README show what the command prints: `npx vitest run test/cli/doctor-page.test.ts -u` writes the page. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { registerDoctor } from '../../src/cli/doctor.ts'
import { OURS, provenAccount } from '../access/proof/proven-account.ts'
import { run } from './operator.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

const open = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OURS}:root` }, Action: 'sts:AssumeRole' },
}

const opening = `\
# sesame doctor

Is the trust relationship right, are the permissions there, is the session duration allowed? \`sesame doctor PROJECT\` proves a connection step by
step, says which layer is to be mended, and prints what the customer is to paste. \`--all\` takes every connected project, \`--json\` is for
machines, \`--mend\` sets up again what has drifted, \`--mail\` sends a mail to SES's mailbox simulator and waits for its bounce. It exits with 1 when
anything is not as it must be. The same proof is made before a role is stored (\`sesame attach PROJECT ROLE_ARN\`) and once a day by itself.

\`✓\` passed, \`✗\` failed, \`–\` not tried, \`?\` nobody can tell. What a proof decides: [decisions/0092](decisions/0092-what-a-proof-decides.md).
`

const section = (title: string, said: string, command: string, printed: string) =>
  `\n## ${title}\n\n${said}\n\n\`\`\`text\n$ ${command}\n${printed.trim()}\n\`\`\`\n`

test('docs/doctor.md shows a healthy, a loose, a denied and a drifted connection as the command does', async () => {
  const stack = await provenAccount()
  await stack.identity()
  const acme = await stack.connect('acme')
  const sesame = async (...args: string[]) => {
    stack.clock.advance(1_000)
    const { printed } = await run(
      stack.aws,
      (program, given) => registerDoctor(program, given, () => stack.aws.settled()),
      ...args,
    )
    return printed.replaceAll(acme.externalId, '0f3a91c27be84d56a0d1f2e3c4b5a697')
  }
  stack.makeRole(acme.guest)
  await stack.attach('acme', acme.roleArn)
  const drifted = await sesame('doctor', 'acme')
  const healthy = await sesame('doctor', 'acme', '--mend', '--mail')
  stack.makeRole(acme.guest, { AssumeRolePolicyDocument: open })
  const loose = await sesame('doctor', 'acme')
  stack.makeRole({ ...acme.guest, externalId: '0'.repeat(32) })
  const denied = await sesame('doctor', 'acme')

  const page = [
    opening,
    section('Healthy', 'Everything that can be tried is as it must be.', 'sesame doctor acme --mail', healthy),
    section(
      'Loose',
      'The trust policy lost its condition on the external id. The connection is quarantined: nobody but the doctor enters the account.',
      'sesame doctor acme',
      loose,
    ),
    section(
      'Denied',
      'The trust policy asks for another external id. STS does not say so: it says the same when the role is missing.',
      'sesame doctor acme',
      denied,
    ),
    section(
      'Drifted',
      'What we set up in the account is gone. Nothing is quarantined for it; `--mend` sets it up again.',
      'sesame doctor acme',
      drifted,
    ),
  ].join('')
  await expect(page).toMatchFileSnapshot('../../docs/doctor.md')
  for (const [block] of page.matchAll(/```text\n.*?\n```/gs)) expect(readme).toContain(block)
})
