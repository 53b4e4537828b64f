/**
 * Times that are later than now. Clocks of servers differ by some seconds, so a time counts as future only beyond a tolerance.
 */

/** AWS refuses requests that are signed with a clock that is further off. */
const toleranceMs = 15 * 60_000

export const isFuture = (time: Date, now: Date): boolean => time.getTime() > now.getTime() + toleranceMs

/**
 * The latest time that is not future, as stored texts begin with it. A text that is greater has a time that no server's clock can have shown: it must
 * not stand in the way of a new one.
 */
export const futureFrom = (now: Date): string => new Date(now.getTime() + toleranceMs).toISOString()
