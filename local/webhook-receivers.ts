/**
 * Lets the embedded AWS deliver webhooks to one receiver that is not on the public internet: for tests, and for `npm start` if its option says so.
 * Functions on AWS have no such exception.
 */
import { deliverWebhook } from '../src/handlers/deliver-webhook.ts'
import { manageWebhooks } from '../src/handlers/manage-webhooks.ts'
import { type Network, publicNetwork } from '../src/webhooks/post.ts'
import type { HandlerFactory } from './lambda/function.ts'

/** The factories of the functions, for `startAws`. @param receiver an origin, such as `http://127.0.0.1:9000` */
export const factoriesFor = (
  receiver: string,
  network: Network = publicNetwork,
): Readonly<Record<string, HandlerFactory>> => ({
  'deliver-webhook': (runtime) => deliverWebhook(runtime, { ...network, testReceiver: receiver }),
  'manage-webhooks': (runtime) => manageWebhooks(runtime, receiver),
})
