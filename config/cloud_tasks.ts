import env from '#start/env'

/** Where Google publishes the keys that it signs tokens with, and the name it signs them in. */
const GOOGLE = {
  issuer: 'https://accounts.google.com',
  jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
}

/** What has to be set for it: `start/env.ts` sees to it. */
function cloudTasks() {
  const url = (env.get('CLOUD_TASKS_URL') || env.get('APP_URL'))!.replace(/\/+$/, '')
  return {
    project: env.get('CLOUD_TASKS_PROJECT')!,
    location: env.get('CLOUD_TASKS_LOCATION')!,
    queue: env.get('CLOUD_TASKS_QUEUE') ?? 'daygen',
    shards: Number(env.get('CLOUD_TASKS_SHARDS') ?? 1),
    url,
    serviceAccount: env.get('CLOUD_TASKS_SERVICE_ACCOUNT')!,
    audience: env.get('CLOUD_TASKS_AUDIENCE') || url,
    issuer: env.get('CLOUD_TASKS_ISSUER') || GOOGLE.issuer,
    jwksUrl: env.get('CLOUD_TASKS_JWKS_URL') || GOOGLE.jwksUrl,
    endpoint: env.get('CLOUD_TASKS_ENDPOINT'),
  }
}

/** Where jobs are pushed by Google Cloud Tasks; `null` where workers look for them. */
export default env.get('QUEUE_DRIVER') === 'cloud_tasks' ? cloudTasks() : null
