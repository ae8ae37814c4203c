/**
 * What a file may import. Paths are from the root of the project without their ending,
 * packages are `npm:<name>`, modules of Node are `node:<name>`; a text stands for whatever
 * begins with it.
 */
export interface ImportRule {
  in: RegExp
  only?: (string | RegExp)[]
  never?: (string | RegExp)[]
  why: string
}

/** What the text of a file must not hold, comments aside. */
export interface TextRule {
  in: RegExp
  never: RegExp
  what: string
  why: string
}

/** Who may write rows of which tables. */
export interface TableRule {
  tables: string[]
  writers: RegExp
  why: string
}

/** A file that breaks a rule for a good reason. */
export interface Exception {
  in: string
  /** The import, or the words for the text. */
  of: string
  why: string
}

const HTTP = 'npm:@adonisjs/core/http'
const CORE_CONTRACTS =
  /^app\/core\/(ledger\/ledger|quota\/quota|queue\/(job_queue|metered_jobs|worker)|streams\/streams|plugins\/(registry|model_provider))$/
/** Any room but the one in the first group of `in`. */
export const OTHER_ROOMS = 'other rooms'

export const IMPORT_RULES: ImportRule[] = [
  {
    in: /^app\/core\//,
    only: ['app/core/', 'node:'],
    why: 'The core is the promise: strangers build plugins on it, so it knows no keeper, no page and no vendor.',
  },
  {
    in: /^app\/adapters\//,
    never: [
      /^app\/(?!core\/|adapters\/)/,
      'plugins/',
      'config/',
      'start/',
      'providers/',
      'database/',
      HTTP,
      'npm:edge.js',
    ],
    why: 'An adapter keeps one promise of the core and is handed what it needs; it must not know what the promise is used for.',
  },
  {
    in: /^app\/(?!adapters\/)/,
    never: ['app/adapters/', 'plugins/', 'database/', 'providers/'],
    why: 'Only providers and config say which keeper and which plugin is used, so that each can be replaced there.',
  },
  {
    in: /^app\/(?!admin\/)(\w+)\/controllers\//,
    never: [OTHER_ROOMS, CORE_CONTRACTS, /^app\/\w+\/models\//, 'npm:@adonisjs/lucid', 'npm:pg'],
    why: 'A controller translates HTTP into one call and one answer; what is decided or read belongs into an action or a query.',
  },
  {
    in: /^app\/(\w+)\/actions\//,
    never: [
      HTTP,
      'npm:edge.js',
      /^app\/\w+\/(controllers|middleware|presenters)/,
      /^npm:(?!@adonisjs\/(core|lucid)\b|luxon$)/,
    ],
    why: 'An action serves page, API, job, command and test alike: it has not heard of HTTP, and SDKs are for adapters.',
  },
  {
    in: /^app\/(\w+)\/(?:queries|jobs|models|policies)\//,
    never: [HTTP, 'npm:edge.js', /^app\/\w+\/(controllers|middleware|presenters)/],
    why: 'Queries, jobs, models and policies serve every way in, so they have not heard of HTTP.',
  },
  {
    in: /^app\/admin\//,
    never: [/^app\/(?!admin\/)\w+\/(models|controllers|jobs)\//, CORE_CONTRACTS, 'npm:pg'],
    why: 'Admin is a desk: it presses the same actions as everybody, so an operator cannot do what the domain forbids.',
  },
  {
    in: /^app\/admin\/controllers\//,
    never: ['npm:@adonisjs/lucid'],
    why: 'A controller of the console presses actions and asks queries; what it reads itself stands in a query.',
  },
  {
    in: /^plugins\/([\w-]+)\/(?!tests\/)/,
    only: ['app/core/', 'own folder', /^npm:(?!pg$|pg\/|@adonisjs\/)/, /^node:/],
    why: 'A plugin is one vendor, complete and removable: it sees the core and its own folder, and owns no table.',
  },
  {
    in: /^plugins\/[\w-]+\/(?!tests\/)/,
    never: [
      /^node:(net|tls|http|https|http2|dgram|dns|dns\/promises|child_process|cluster)$/,
      'npm:undici',
    ],
    why: 'A plugin is handed its HTTP client: the kernel decides which hosts it may reach.',
  },
  {
    in: /^(?!tests\/|plugins\/[\w-]+\/tests\/|bin\/test$)/,
    never: ['tests/', /^plugins\/[\w-]+\/tests\//],
    why: 'Nothing that runs may lean on what only tests have.',
  },
]

export const TEXT_RULES: TextRule[] = [
  {
    in: /^app\/\w+\/queries\//,
    never:
      /\.(insert|insertQuery|multiInsert|update|delete|truncate|increment|decrement|create|createMany|firstOrCreate|updateOrCreate|save)\(|\b(insert into|delete from|update \w+ set)\b/i,
    what: 'writes',
    why: 'A query is asked as often as one likes: it must not change what it is asked about.',
  },
  {
    in: /^plugins\/[\w-]+\/(?!tests\/)/,
    never: /(?<![.\w])fetch\(|process\.env|process\.binding/,
    what: 'uses fetch or process.env',
    why: 'A plugin is handed its HTTP client and its secrets in the constructor, so that the kernel sees both.',
  },
  {
    in: /^app\/core\//,
    never: /(?<![.\w])fetch\(|process\.env/,
    what: 'uses fetch or process.env',
    why: 'The core opens no connection and has no settings of its own.',
  },
]

const FUNCTIONS = /^database\/(functions|migrations)\//

export const TABLE_RULES: TableRule[] = [
  {
    tables: [
      'accounts',
      'grants',
      'holds',
      'entries',
      'counters',
      'losses',
      'entry_notes',
      'idempotency_keys',
      'refunds',
      'claw_backs',
      'transfers',
      'direct_holds',
    ],
    writers: /^(database\/(functions|migrations)|app\/adapters\/ledger)\//,
    why: 'Credits move in the verbs of the ledger and nowhere else: everything it promises hangs on their locks.',
  },
  {
    tables: ['account_plans', 'plan_changes'],
    writers: /^(database\/(functions|migrations)|app\/adapters\/plans)\//,
    why: 'What is due of a plan changes with the grant of its period, under the lock of the account.',
  },
  {
    tables: ['jobs', 'lanes', 'job_events', 'usage_events', 'usage_totals', 'usage_seals'],
    writers: /^(database\/(functions|migrations)|app\/adapters\/queue)\//,
    why: 'A job changes with its event, under its lock and by its token, in the verbs of the queue.',
  },
  {
    tables: ['price_book_pages', 'vendor_prices'],
    writers: /^(database\/migrations|app\/adapters\/prices)\//,
    why: 'Holds pin prices by name: the archive only ever adds to them.',
  },
  {
    tables: ['generations', 'generation_outputs', 'quotes'],
    writers: /^(database\/(functions|migrations)|app\/generations)\//,
    why: 'A room writes its own rows; others press its actions.',
  },
  {
    tables: ['api_keys', 'organisations', 'users', 'members'],
    writers: /^(database\/migrations|app\/identity)\//,
    why: 'A room writes its own rows; others press its actions.',
  },
  {
    tables: ['webhook_endpoints', 'webhook_secrets', 'webhook_deliveries', 'webhook_attempts'],
    writers: /^(database\/(functions|migrations)|app\/webhooks)\//,
    why: 'A room writes its own rows; others press its actions.',
  },
  {
    tables: ['batches', 'batch_items'],
    writers: /^(database\/(functions|migrations)|app\/batches)\//,
    why: 'A room writes its own rows; others press its actions.',
  },
  {
    tables: ['assets'],
    writers: /^(database\/(functions|migrations)|app\/assets)\//,
    why: 'A room writes its own rows; others press its actions.',
  },
]

export const SQL_RULES: TextRule[] = [
  {
    in: /^database\/functions\/[1-4]\d_ledger/,
    never:
      /\b(insert into|update|delete from) (jobs|job_events|generations|generation_outputs|assets|usage_events)\b/i,
    what: 'writes what is not of the ledger',
    why: 'ledger_* functions write ledger tables only; generation_* functions compose them with jobs.',
  },
  {
    in: /^database\/functions\/\d+_jobs/,
    never:
      /\b(insert into|update|delete from) (accounts|grants|holds|entries|counters|losses|generations|generation_outputs|assets|usage_events)\b/i,
    what: 'writes what is not of the queue',
    why: 'job_* functions write jobs and their events only; generation_* functions compose them with money.',
  },
  {
    in: /^database\/functions\/\d+_webhooks/,
    never: /\b(insert into|update|delete from) (?!webhook_|(of|skip)\b)[a-z]\w*\b/i,
    what: 'writes what is not of webhooks',
    why: 'webhook_* functions write webhook tables only, and add jobs and notices by their functions.',
  },
  {
    in: FUNCTIONS,
    never: /^\s*exception\s+when\b/im,
    what: 'catches exceptions',
    why: 'An EXCEPTION block is a subtransaction: a verb looks its row up after the lock instead.',
  },
]

/** Names that say nothing about what is in them. */
export const EMPTY_NAMES = /^(\w+_)?(utils?|helpers?|common|managers?|services?|misc)$/

export const EXCEPTIONS: Exception[] = [
  {
    in: 'app/identity/controllers/sessions_controller',
    of: 'app/identity/models/user',
    why: 'Signing in is a verb of the auth library on the model; an action around it would only repeat it.',
  },
]
