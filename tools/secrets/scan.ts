/** Finds credentials in text: by their fixed forms, so that random text is not taken for one. Pure. */

type Kind = { readonly kind: string; readonly pattern: RegExp }

/** Values that documents use as examples: AWS's own, and what is made of few distinct characters. */
const isExample = (value: string): boolean => /EXAMPLE/i.test(value) || new Set(value).size < 9

const kinds: readonly Kind[] = [
  { kind: 'AWS access key id', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  {
    kind: 'AWS secret access key',
    pattern: /(?:secret_?access_?key|secretAccessKey|aws_secret)["']?\s*[:=]\s*["']?([A-Za-z0-9/+]{40})\b/gi,
  },
  {
    kind: 'private key',
    pattern: /-----BEGIN (?:RSA |EC |OPENSSH |PGP )?PRIVATE KEY(?: BLOCK)?-----\s*\n[A-Za-z0-9+/=\s]{64,}/g,
  },
  { kind: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b/g },
  { kind: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'Slack token', pattern: /\bxox[abposr]-[A-Za-z0-9-]{20,}\b/g },
  { kind: 'Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}\b/g },
  { kind: 'Stripe key', pattern: /\b[rs]k_live_[A-Za-z0-9]{20,}\b/g },
  { kind: 'SendGrid key', pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b/g },
  {
    kind: 'password in a URL',
    pattern: /\b[a-z][a-z+]*:\/\/[^\s:/@"'`<>{}$]{1,64}:([^\s:/@"'`<>{}$]{8,})@[a-z0-9.-]+\b/gi,
  },
]

export type Finding = { readonly kind: string; readonly line: number }

/** The credentials in a text. A finding does not repeat the value. */
export function secretsIn(text: string): Finding[] {
  return kinds.flatMap(({ kind, pattern }) =>
    [...text.matchAll(pattern)]
      .filter(([whole, value]) => !isExample(value ?? whole))
      .map(({ index }) => ({ kind, line: text.slice(0, index).split('\n').length })),
  )
}
