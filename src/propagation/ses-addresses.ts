/**
 * What SES does with an address on its list, as far as the form of the address tells. A dry run predicts with it; a run asks SES.
 */

/** SES refuses a quoted local part, such as `"front desk"@example.com`. */
export const isTakenBySes = (address: string): boolean => !address.startsWith('"')

/** SES takes an address with a slash onto the list, and refuses to remove it. */
export const isRemovableBySes = (address: string): boolean => !address.includes('/')
