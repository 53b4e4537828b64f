/** The problem of a request for a project that does not exist. */
import { Problem } from '../problem.ts'

export const noSuchProject = () =>
  new Problem('no-such-project', { detail: 'No project has the name in the path. It may have been removed.' })
