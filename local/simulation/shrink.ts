/** Makes a failing run smaller: leaves out acts and faults as long as it still fails in the same way. */

/** The parts of a run that can be left out. */
export type Parts = { readonly acts: readonly number[]; readonly faults: readonly string[] }

/** Runs that shrinking may take. */
const mostRuns = 60

/**
 * @param first a run that fails
 * @param partsOf the acts and the faults that happened in a run
 * @param rerun runs with these parts; undefined if the run does not fail in the same way
 * @returns the smallest run that still fails, and how many runs it took to find it
 */
export async function shrink<Run>(
  first: Run,
  partsOf: (run: Run) => Parts,
  rerun: (parts: Parts) => Promise<Run | undefined>,
): Promise<{ readonly smallest: Run; readonly runs: number }> {
  let smallest = first
  let runs = 0

  const attempt = async (parts: Parts): Promise<boolean> => {
    if (runs >= mostRuns) return false
    runs++
    const next = await rerun(parts)
    if (next === undefined) return false
    smallest = next
    return true
  }

  if (partsOf(smallest).faults.length > 0) await attempt({ ...partsOf(smallest), faults: [] })
  await withoutParts(
    () => partsOf(smallest).faults,
    (faults) => attempt({ ...partsOf(smallest), faults }),
  )
  await withoutParts(
    () => partsOf(smallest).acts,
    (acts) => attempt({ ...partsOf(smallest), acts }),
  )
  return { smallest, runs }
}

/** Leaves out halves, then quarters, and so on down to single parts. */
async function withoutParts<Part>(
  parts: () => readonly Part[],
  works: (rest: readonly Part[]) => Promise<boolean>,
): Promise<void> {
  for (let size = Math.ceil(parts().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < parts().length; ) {
      const present = parts()
      if (!(await works([...present.slice(0, from), ...present.slice(from + size)]))) from += size
    }
  }
}
