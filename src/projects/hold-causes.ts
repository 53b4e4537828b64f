/** Who holds: a person, SES, which has paused or suspended the account, or our own judgement of the rates. Most important first. */
export const holdCauses = ['operator', 'ses', 'rates'] as const
export type HoldCause = (typeof holdCauses)[number]
