/** Finds queues by URL or ARN, and notifies listeners of visible messages. */
import { AwsError, type Platform, type ServiceCall } from '../service.ts'
import type { Queue } from './queue.ts'

export type QueueDirectory = {
  readonly queues: Map<string, Queue>
  /**
   * Finds a queue by its URL with any host, or by `/ACCOUNT/NAME`.
   *
   * @throws AwsError QueueDoesNotExist
   */
  find(url: string, call: ServiceCall): Queue
  urlOf(queue: Queue): string
  /** Notifies the listeners that a queue has a visible message. */
  notifyArrival(queue: Queue): void
  onArrival(listener: (queueArn: string) => void): void
  /** Resolves when the queue has a visible message, or after this number of seconds in real time. */
  waitForArrival(seconds: number, queue: Queue): Promise<void>
}

export function createQueueDirectory(platform: Platform): QueueDirectory {
  const queues = new Map<string, Queue>()
  const listeners = new Set<(queueArn: string) => void>()
  return {
    queues,
    find(url, { region }) {
      const [name, account] = url.split('/').reverse()
      const queue = queues.get(`arn:aws:sqs:${region}:${account}:${name}`)
      if (queue) return queue
      throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
    },
    urlOf: (queue) => queueUrlOf(platform, queue.arn),
    notifyArrival(queue) {
      for (const listener of [...listeners]) listener(queue.arn)
    },
    onArrival: (listener) => void listeners.add(listener),
    waitForArrival: (seconds, queue) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          listeners.delete(listener)
          resolve()
        }
        const listener = (arn: string): void => {
          if (arn === queue.arn) done()
        }
        const timer = setTimeout(done, seconds * 1000)
        timer.unref()
        listeners.add(listener)
      }),
  }
}

/** The URL of the queue with this ARN, at the endpoint's host. */
export function queueUrlOf(platform: Platform, arn: string): string {
  const [, , , , account, name] = arn.split(':')
  const { endpoint } = platform.clientConfig({ accessKeyId: 'none', secretAccessKey: 'none' })
  return `${endpoint.replace(/\/$/, '')}/${account}/${name}`
}
