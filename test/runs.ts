/** How often a property is tried. */

/**
 * The number of runs of a property test: all with SESAME_RUNS=all (as .ci/run sets it), else a quarter.
 *
 * The seeds are fixed, so the quarter is the same each time and the rest is tried before a change is merged.
 */
export const runsOf = (all: number): number => (process.env.SESAME_RUNS === 'all' ? all : Math.ceil(all / 4))
