/**
 * All commands, in the order in which a user needs them.
 */
import type { Command } from 'commander'
import { registerAttach } from './attach.ts'
import { registerChanges } from './changes.ts'
import { registerCheck } from './check.ts'
import type { CommandContext } from './command-context.ts'
import { registerConfigure } from './configure.ts'
import { registerConnect } from './connect.ts'
import { registerDashboard } from './dashboard.ts'
import { registerDeadLetters } from './dead-letters.ts'
import { registerDisconnect } from './disconnect.ts'
import { registerDoctor } from './doctor.ts'
import { registerExport } from './export.ts'
import { registerForget } from './forget.ts'
import { registerHolds } from './hold.ts'
import { registerIdentities } from './identities.ts'
import { registerImport } from './import.ts'
import { registerList } from './list.ts'
import { registerParse } from './parse.ts'
import { registerProject } from './project.ts'
import { registerRates } from './rates.ts'
import { registerReconcile } from './reconcile.ts'
import { registerRecount } from './recount.ts'
import { registerReplay } from './replay.ts'
import { registerReport } from './report.ts'
import { registerRoles } from './roles.ts'
import { registerRotate } from './rotate.ts'
import { registerRule } from './rule.ts'
import { registerTail } from './tail.ts'
import { registerTemplates } from './templates.ts'
import { registerTimeline } from './timeline.ts'
import { registerWebhook } from './webhook.ts'

export function registerCommands(program: Command, context: CommandContext): void {
  program.commandsGroup('Projects and connections:')
  registerProject(program, context)
  registerConnect(program, context)
  registerAttach(program, context)
  registerConfigure(program, context)
  registerDoctor(program, context)
  registerRotate(program, context)
  registerDisconnect(program, context)
  registerChanges(program, context)

  program.commandsGroup('Sending:')
  registerIdentities(program, context)
  registerTemplates(program, context)

  program.commandsGroup('Suppression list:')
  registerList(program, context)
  registerCheck(program, context)
  registerRule(program, context)
  registerImport(program, context)
  registerExport(program, context)
  registerForget(program, context)
  registerReconcile(program, context)

  program.commandsGroup('Activity:')
  registerDashboard(program, context)
  registerReport(program, context)
  registerTimeline(program, context)
  registerTail(program, context)
  registerRates(program, context)
  registerRecount(program, context)
  registerHolds(program, context)

  program.commandsGroup('Events:')
  registerParse(program, context)
  registerReplay(program, context)
  registerDeadLetters(program, context)
  registerWebhook(program, context)

  program.commandsGroup('Roles:')
  registerRoles(program, context)
}
