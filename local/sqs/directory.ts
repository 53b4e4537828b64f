/** Which queues there are, how each is called, and who wants to know when something comes in. */
import { AwsError, type ServiceCall, type Platform } from '../service.ts'
import type { Queue } from './queue.ts'

export type QueueDirectory = {
  readonly queues: Map<string, Queue>
  /** By URL, whatever its host, or by `/ACCOUNT/NAME`. Throws QueueDoesNotExist. */
  find(url: string, call: ServiceCall): Queue
  urlOf(queue: Queue): string
  /** Tells the listeners that a queue has something visible. */
  arrived(queue: Queue): void
  onArrival(listener: (queueArn: string) => void): void
  /** Resolves when something comes into the queue, or when the real seconds are over. */
  arrivalWithin(seconds: number, queue: Queue): Promise<void>
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
    arrived(queue) {
      for (const listener of [...listeners]) listener(queue.arn)
    },
    onArrival: (listener) => void listeners.add(listener),
    arrivalWithin: (seconds, queue) =>
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

/** The URL by which the queue of an ARN is called: its host is the endpoint's. */
export function queueUrlOf(platform: Platform, arn: string): string {
  const [, , , , account, name] = arn.split(':')
  const { endpoint } = platform.clientConfig({ accessKeyId: 'none', secretAccessKey: 'none' })
  return `${endpoint.replace(/\/$/, '')}/${account}/${name}`
}
