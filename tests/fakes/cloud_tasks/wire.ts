import { fileURLToPath } from 'node:url'
import { loadSync } from '@grpc/proto-loader'
import type { protos } from '@google-cloud/tasks'
import { grpc } from 'google-gax'

const MODULES = new URL('../../../node_modules/', import.meta.url)
const PROTOS = ['@google-cloud/tasks/build/protos', 'google-gax/build/protos'].map((path) =>
  fileURLToPath(new URL(path, MODULES))
)

type V2 = typeof protos.google.cloud.tasks.v2
export type WireQueue = InstanceType<V2['Queue']>
export type WireTask = InstanceType<V2['Task']>

/** Google's own description of the service, as its SDK brings it along. */
export function serviceDefinition(): grpc.ServiceDefinition {
  const definition = loadSync('google/cloud/tasks/v2/cloudtasks.proto', {
    includeDirs: PROTOS,
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  })
  const loaded = grpc.loadPackageDefinition(definition) as unknown as {
    google: { cloud: { tasks: { v2: { CloudTasks: { service: grpc.ServiceDefinition } } } } }
  }
  return loaded.google.cloud.tasks.v2.CloudTasks.service
}

/** An answer other than OK, as the service words it. */
export class WireFault extends Error {
  constructor(
    readonly code: grpc.status,
    readonly details: string
  ) {
    super(details)
  }
}

interface Span {
  seconds?: number | Long | string | null
  nanos?: number | null
}
type Long = { toNumber(): number }

/** Of a timestamp or a duration; `null` where there is none. */
export function millisOf(span: Span | null | undefined): number | null {
  if (!span) return null
  return Number(span.seconds ?? 0) * 1000 + (span.nanos ?? 0) / 1_000_000
}
