/**
 * Examples of each command, for its help and for docs/cli.md. A test runs every one of them.
 */

/** By the words of the command. The lines are what a person types. */
const examples: Readonly<Record<string, readonly string[]>> = {
  '': [
    'sesame list acme',
    'sesame check acme gone@customer.example',
    'sesame --region eu-west-1 --stage production project list',
  ],
  'project add': [
    'sesame project add acme --account 111122223333',
    'sesame project add acme --account 111122223333 --configuration-set marketing --by ann',
  ],
  'project set': [
    `sesame project set acme --rules '{"softBounces":"ignore"}'`,
    'sesame project set acme --suppress-for BOUNCE,COMPLAINT',
    'sesame project set acme --activity delivery',
    `sesame project set acme --hold-rules '{"bounces":{"warn":0.03,"hold":0.05}}'`,
    'sesame project set acme --activity-days 30 --readers drop --find-recipients all',
    'sesame project set acme --senders acme.example',
  ],
  'project show': ['sesame project show acme', 'sesame project show acme --output csv'],
  'project list': ['sesame project list', 'sesame project list --output json'],
  'project remove': ['sesame project remove acme --yes'],
  connect: [
    'sesame connect acme',
    'sesame connect acme --account 111122223333 --features reading,suppression',
    'sesame connect acme --print command',
  ],
  attach: ['sesame attach acme arn:aws:iam::111122223333:role/sesame/sesame-acme'],
  configure: ['sesame configure acme', 'sesame configure acme --default-for acme.example'],
  doctor: ['sesame doctor acme --repair --mail', 'sesame doctor --all --output json'],
  rotate: ['sesame rotate acme --yes --print terraform'],
  disconnect: ['sesame disconnect acme --yes'],
  changes: ['sesame changes acme', 'sesame changes acme --output csv'],
  'identities list': ['sesame identities list acme'],
  'identities add': ['sesame identities add acme news.acme.example'],
  'identities show': [
    'sesame identities show acme acme.example',
    'sesame identities show acme acme.example --output json',
  ],
  'identities mail-from': ['sesame identities mail-from acme acme.example bounce.acme.example --reject-if-missing'],
  'templates put': [
    'sesame templates put acme shipped --subject "Order {{order}} is on its way" --text events/templates/shipped.hbs',
  ],
  'templates list': ['sesame templates list acme'],
  'templates show': ['sesame templates show acme shipped'],
  'templates render': [`sesame templates render acme shipped --data '{"order":4711,"items":[{"title":"Lamp"}]}'`],
  'templates delete': ['sesame templates delete acme shipped --yes'],
  list: [
    'sesame list acme',
    'sesame list acme --reason hard-bounce --limit 100',
    'sesame list acme --all --output csv',
    'sesame list acme --match @customer.example --after b@customer.example',
  ],
  check: [
    'sesame check acme gone@customer.example',
    'sesame check acme ada@customer.example && echo "may be mailed"',
    'sesame check acme gone@customer.example ada@customer.example --output json',
  ],
  suppress: [
    'sesame suppress acme ada@customer.example --why "asked by phone"',
    'sesame suppress acme --from addresses.txt --why "list of the former provider" --by ann',
  ],
  reinstate: ['sesame reinstate acme gone@customer.example --why "new mailbox"'],
  import: [
    'sesame import events/imports/mailchimp-cleaned.csv --project acme --dry-run',
    'sesame import events/imports/mailchimp-cleaned.csv --project acme --utc-offset -05:00',
    'sesame import events/imports/sendgrid-blocks.csv --project acme --format sendgrid-blocks --include blocks',
    'sesame import events/imports/ses-import-job.csv --project acme --date 2024-03-01 --output json',
  ],
  export: [
    'sesame export --project acme > all.csv',
    'sesame export --project acme --output ndjson --reason hard-bounce --since 2024-01-01',
    'sesame export --project acme --state all',
    'sesame export --project acme --output ses-import-job',
  ],
  forget: [
    'sesame forget person@example.com',
    'sesame forget person@example.com --yes',
    'sesame forget person@example.com --keep-hash --keep-account-lists --project acme --yes',
  ],
  reconcile: ['sesame reconcile acme --dry-run', 'sesame reconcile acme'],
  dashboard: ['sesame dashboard', 'sesame dashboard --write --port 4570'],
  report: [
    'sesame report acme',
    'sesame report --project acme --from 2026-03-01 --to 2026-03-07 --output csv',
    'sesame report acme --output html > report.html',
  ],
  hold: [
    'sesame hold acme --why "a campaign went to an old list"',
    'sesame hold acme --why "maintenance" --hours 2 --by ann',
  ],
  resume: ['sesame resume acme --why "the old list is deleted" --hours 48'],
  rates: ['sesame rates acme', 'sesame rates acme --output json'],
  recount: ['sesame recount acme --verify', 'sesame recount acme --from 2026-03-01 --to 2026-03-07 --by ann'],
  timeline: [
    'sesame timeline acme 0100018f30c2f577-d9dae0a3-2d5f-4b48-8f0f-a63d1b3ea63d-000000 --day 2026-03-03',
    'sesame timeline acme --recipient ann@customer.example',
  ],
  tail: ['sesame tail acme --last 5', 'sesame tail --output json --show-addresses'],
  parse: ['sesame parse events/bounce-permanent-general.json', 'cat archive.gz | sesame parse --output table'],
  replay: [
    'sesame replay events/bounce-permanent-general.json',
    'gzip -dc archive.gz | sesame replay -',
    'sesame replay --yes',
  ],
  'dead-letters list': ['sesame dead-letters list', 'sesame dead-letters list --each --project acme'],
  'dead-letters show': ['sesame dead-letters show 5f1c2d7e-0b7a-4c55-9d2b-3f6a1e8c9b10'],
  'dead-letters drop': ['sesame dead-letters drop --cause UnownedEventError --yes'],
  'dead-letters replay': ['sesame dead-letters replay --project acme', 'sesame dead-letters replay --yes'],
  'webhook add': [
    'sesame webhook add acme https://hooks.customer.example/sesame',
    'sesame webhook add acme https://hooks.customer.example/reinstated --events address.reinstated',
  ],
  'webhook list': ['sesame webhook list acme', 'sesame webhook list acme --output json'],
  'webhook test': ['sesame webhook test acme wh_bd11a1016a'],
  'webhook deliveries': ['sesame webhook deliveries acme --limit 20'],
  'webhook rotate': ['sesame webhook rotate acme wh_bd11a1016a --yes'],
  'webhook resume': ['sesame webhook resume acme wh_bd11a1016a'],
  'webhook remove': ['sesame webhook remove acme wh_bd11a1016a --yes'],
  'roles list': ['sesame roles', 'sesame roles list --output csv'],
  'roles usage': ['sesame roles usage notification-handler --days 7', 'sesame roles usage acme'],
  'roles explain': [
    'sesame roles explain notification-handler dynamodb:DeleteItem SuppressionsTable',
    'sesame roles explain application-on-lambda ses:SendEmail arn:aws:ses:us-east-1:123456789012:configuration-set/sesame-acme --parameter Project=acme ConfigurationSet=sesame-acme Domain=acme.example --context ses:FromAddress=hello@acme.example',
  ],
  'roles can': [
    "sesame roles can notification-handler --action 'dynamodb:*'",
    'sesame roles can project-data --action dynamodb:Query --when aws:PrincipalTag/project=acme',
  ],
  'roles compare': ['sesame roles compare HEAD .', 'sesame roles compare HEAD . --output json'],
  'roles public': ['sesame roles public'],
  help: ['sesame help roles explain'],
  completion: ['sesame completion bash', 'source <(sesame completion bash)'],
}

/** @param path the words of the command, such as `project add` */
export const examplesOf = (path: string): readonly string[] => examples[path] ?? []
