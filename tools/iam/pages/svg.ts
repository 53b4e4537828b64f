/** The picture of the roles as SVG: one row per role, its principals on the left, its permissions on the right. Deterministic. */
import { groups, type RoleCard, type Target } from './picture.ts'

const width = 1360
const left = { x: 32, width: 270 }
const middle = { x: 372, width: 252 }
const right = { x: 716, width: 612 }
const line = 15
const gap = 7

const colours: Readonly<Record<string, string>> = {
  dynamodb: 'blue',
  s3: 'green',
  sqs: 'pink',
  sns: 'pink',
  events: 'pink',
  lambda: 'orange',
  sts: 'red',
  iam: 'red',
  ses: 'violet',
  logs: 'grey',
  ecr: 'orange',
  cloudformation: 'red',
  scheduler: 'pink',
  cloudwatch: 'grey',
}
const titles: Readonly<Record<string, string>> = {
  dynamodb: 'DynamoDB',
  s3: 'S3',
  sqs: 'SQS',
  sns: 'SNS',
  events: 'EventBridge',
  lambda: 'Lambda',
  sts: 'STS',
  iam: 'IAM',
  ses: 'SES',
  logs: 'Logs',
  ecr: 'ECR',
  cloudformation: 'CloudFormation',
  scheduler: 'Scheduler',
  cloudwatch: 'CloudWatch',
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const text = (x: number, y: number, kind: string, content: string, anchor = '') =>
  `<text x="${x}" y="${y}" class="${kind}"${anchor && ` text-anchor="${anchor}"`}>${escaped(content)}</text>`

/** Up to `most` lines of `room` characters. The last line says how many parts do not fit. */
function wrapped(parts: readonly string[], room: number, most: number): string[] {
  const lines: string[] = ['']
  for (const [at, part] of parts.entries()) {
    const last = lines.length - 1
    const piece = at < parts.length - 1 ? `${part}, ` : part
    const isFull = (lines[last] ?? '').length + piece.length > room
    if (!isFull || lines[last] === '') lines[last] += piece
    else if (lines.length < most) lines.push(piece)
    else return [...lines.slice(0, -1), `${(lines[last] ?? '').replace(/, $/, '')} and ${parts.length - at} more`]
  }
  return lines.map((each) => each.trim())
}

function folded(sentence: string, room: number): string[] {
  const lines: string[] = ['']
  for (const word of sentence.split(' ')) {
    const last = lines.length - 1
    if (lines[last] !== '' && `${lines[last]} ${word}`.length > room) lines.push(word)
    else lines[last] = `${lines[last]} ${word}`.trim()
  }
  return lines
}

type Drawn = { readonly height: number; readonly svg: (y: number) => string }

function targetBox({ kind, names, actions, ifs }: Target): Drawn {
  const head = wrapped(names, 72, 2)
  const body = wrapped(actions, 76, 2)
  const only = ifs.length > 0 ? wrapped(ifs, 84, 2) : []
  // A short condition is beside the actions, a long one below them.
  const beside = only.length === 1 && body.length === 1 && (body[0] ?? '').length + (only[0] ?? '').length < 78
  const height = 14 + line * (head.length + body.length + (beside ? 0 : only.length))
  return {
    height,
    svg: (y) => {
      let at = y + 2
      const next = () => {
        at += line
        return at
      }
      const x = right.x + 16
      const condition = (index: number) => (index === 0 ? 'only if ' : '') + (only[index] ?? '')
      return [
        `<rect x="${right.x}" y="${y}" width="${right.width}" height="${height}" rx="7" class="box"/>`,
        `<rect x="${right.x}" y="${y + 7}" width="4" height="${height - 14}" rx="2" class="${colours[kind] ?? 'grey'}"/>`,
        text(right.x + right.width - 12, y + 18, 'tag', titles[kind] ?? kind, 'end'),
        ...head.map((each) => text(x, next(), 'strong', each)),
        ...body.map((each) => text(x, next(), 'mono', each)),
        ...(beside
          ? [text(right.x + right.width - 12, at, 'only', condition(0), 'end')]
          : only.map((_, index) => text(x, next(), 'only', condition(index)))),
      ].join('\n')
    },
  }
}

function entrantBox({ kind, name, ifs }: RoleCard['entrants'][number]): Drawn {
  const head = folded(name, 32)
  const only = ifs.length > 0 ? wrapped([...new Set(ifs)], 32, 3) : []
  const height = 12 + line * (1 + head.length + only.length) + 4
  return {
    height,
    svg: (y) => {
      let at = y + 3
      const next = () => {
        at += line
        return at
      }
      return [
        `<rect x="${left.x}" y="${y}" width="${left.width}" height="${height}" rx="7" class="box ${kind === 'function' ? 'run' : ''}"/>`,
        text(left.x + 14, next(), 'tag', kind),
        ...head.map((each) => text(left.x + 14, next(), 'strong', each)),
        ...only.map((each, index) => text(left.x + 14, next(), 'only', `${index === 0 ? 'only if ' : ''}${each}`)),
      ].join('\n')
    },
  }
}

const stackHeight = (boxes: readonly Drawn[]) => boxes.reduce((sum, { height }) => sum + height + gap, -gap)

/** The boxes in a column that starts at `y`, and the vertical middle of each box. */
function stacked(boxes: readonly Drawn[], y: number): { svg: string[]; middles: number[] } {
  let at = y
  const svg: string[] = []
  const middles: number[] = []
  for (const box of boxes) {
    svg.push(box.svg(at))
    middles.push(at + Math.round(box.height / 2))
    at += box.height + gap
  }
  return { svg, middles }
}

const curve = (x1: number, y1: number, x2: number, y2: number, kind: string) => {
  const bend = Math.round((x1 + x2) / 2)
  return `<path d="M${x1} ${y1} C${bend} ${y1} ${bend} ${y2} ${x2 - 7} ${y2}" class="${kind}" marker-end="url(#${kind})"/>`
}

function row(card: RoleCard, y: number): { svg: string; height: number } {
  const entrants = card.entrants.map(entrantBox)
  const targets = card.targets.map(targetBox)
  const about = folded(card.about, 34)
  const roleHeight = 44 + line * about.length + (card.hours === undefined ? 0 : line)
  const height = Math.max(stackHeight(entrants), stackHeight(targets), roleHeight)
  const centred = (own: number) => y + Math.round((height - own) / 2)
  const from = stacked(entrants, centred(stackHeight(entrants)))
  const to = stacked(targets, centred(stackHeight(targets)))
  const roleY = centred(roleHeight)
  const roleMiddle = roleY + Math.round(roleHeight / 2)
  const hours = card.hours === undefined ? [] : [`maximum session ${card.hours} h`]
  const svg = [
    ...from.middles.map((each) => curve(left.x + left.width, each, middle.x, roleMiddle, 'trust')),
    ...to.middles.map((each) => curve(middle.x + middle.width, roleMiddle, right.x, each, 'may')),
    ...from.svg,
    ...to.svg,
    `<rect x="${middle.x}" y="${roleY}" width="${middle.width}" height="${roleHeight}" rx="10" class="role"/>`,
    text(middle.x + 16, roleY + 25, 'name', card.name),
    ...about.map((each, index) => text(middle.x + 16, roleY + 45 + line * index, 'about', each)),
    ...hours.map((each) => text(middle.x + 16, roleY + 45 + line * about.length, 'about dim', each)),
  ]
  return { svg: svg.join('\n'), height }
}

const style = `
svg { --page:#ffffff; --ink:#1f2328; --dim:#656d76; --box:#f6f8fa; --line:#d0d7de; --role:#ddf4ff; --edge:#0969da; --only:#9a6700;
  --blue:#0969da; --green:#1a7f37; --pink:#bf3989; --orange:#bc4c00; --red:#cf222e; --violet:#8250df; --grey:#6e7781 }
@media (prefers-color-scheme: dark) { svg { --page:#0d1117; --ink:#e6edf3; --dim:#8d96a0; --box:#161b22; --line:#30363d; --role:#0c2d4d; --edge:#4493f8; --only:#d29922;
  --blue:#4493f8; --green:#3fb950; --pink:#db61a2; --orange:#db6d28; --red:#f85149; --violet:#ab7df8; --grey:#8d96a0 } }
text { font: 12px ui-sans-serif, system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: var(--ink) }
.page { fill: var(--page) } .box { fill: var(--box); stroke: var(--line) } .run { stroke: var(--orange) } .role { fill: var(--role); stroke: var(--edge); stroke-width: 1.5 }
.title { font-size: 24px; font-weight: 700 } .group { font-size: 17px; font-weight: 700 } .name { font-size: 14.5px; font-weight: 700 } .strong { font-weight: 600 }
.about, .column { font-size: 12px } .tag { font-size: 10.5px; fill: var(--dim) } .dim, .column { fill: var(--dim) } .only { font-size: 11px; fill: var(--only) }
.mono { font: 11px ui-monospace, 'SFMono-Regular', 'DejaVu Sans Mono', monospace; fill: var(--dim) }
path { fill: none; stroke-width: 1.5 } .trust { stroke: var(--dim); stroke-dasharray: 5 4 } .may { stroke: var(--edge); opacity: .65 } .rule { stroke: var(--line) }
${['blue', 'green', 'pink', 'orange', 'red', 'violet', 'grey'].map((name) => `.${name} { fill: var(--${name}) }`).join(' ')}
.head-trust { fill: var(--dim) } .head-may { fill: var(--edge) }`

const arrow = (id: string) =>
  `<marker id="${id}" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L8 4 L0 8 z" class="head-${id}"/></marker>`

export function drawRoles(cards: readonly RoleCard[]): string {
  const body: string[] = []
  let y = 118
  for (const group of groups) {
    const members = cards.filter((card) => card.group === group)
    if (members.length === 0) continue
    body.push(`<path d="M32 ${y} H${width - 32}" class="rule"/>`, text(32, y + 30, 'group', group))
    y += 50
    for (const card of members) {
      const { svg, height } = row(card, y)
      body.push(`<g id="role-${card.name}">\n${svg}\n</g>`)
      y += height + 28
    }
    y += 6
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img" aria-label="The roles of Sesame: who may assume each role, and what it may do">
<style>${style}</style>
<defs>${arrow('trust')}${arrow('may')}</defs>
<rect width="${width}" height="${y}" class="page"/>
${text(32, 46, 'title', 'The roles of Sesame')}
${text(32, 70, 'column', 'Generated from iam/ and serverless.yml by npm run generate. Every role of a function may also write its own log, which is not shown.')}
${text(left.x, 102, 'column', 'assumed by')}
${text(middle.x, 102, 'column', 'role file')}
${text(right.x, 102, 'column', 'permissions')}
<path d="M${left.x + 90} 98 H${left.x + 150}" class="trust" marker-end="url(#trust)"/>${text(left.x + 168, 102, 'column', 'trust')}
<path d="M${right.x + 150} 98 H${right.x + 210}" class="may" marker-end="url(#may)"/>${text(right.x + 228, 102, 'column', 'permission')}
${body.join('\n')}
</svg>
`
}
