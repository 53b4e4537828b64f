/**
 * `npm run bench:activity`: whether the sealed counts of a million events are the truth, what the events cost, and the CPU time of an event against a
 * plain put. Writes bench/ACTIVITY.md. SESAME_BENCH_EVENTS sets another number of events, whose figures are printed only.
 */
import { writeFileSync } from 'node:fs'
import { activityPage } from './activity-page.ts'
import { measureActivity } from './activity-run.ts'

const events = Number(process.env.SESAME_BENCH_EVENTS ?? 1_000_000)
const page = activityPage(await measureActivity(events))
process.stdout.write(`${page}\n`)
if (events === 1_000_000) writeFileSync(new URL('ACTIVITY.md', import.meta.url), `${page}\n`)
