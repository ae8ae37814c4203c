import { createError } from '@adonisjs/core/exceptions'

/**
 * Every fault of the embedded cluster. Each message says what happened and then what to do; the
 * way out that always works is a Postgres of one's own, named by DATABASE_URL.
 */

/** Facts: the platform or path, and why it is no use. */
export const E_DATABASE_BINARIES = createError<[string, string]>(
  'The Postgres that comes with the npm packages cannot be used (%s): %s. Run "npm ci" again, or set DATABASE_URL to a Postgres 18 of your own.',
  'E_DATABASE_BINARIES'
)

/** Fact: the directory, of which nothing was touched. */
export const E_DATABASE_DIRECTORY_OCCUPIED = createError<[string]>(
  'The data directory %s holds something other than a DayGen database, and was left as it is. Name another directory, or move what is in it away.',
  'E_DATABASE_DIRECTORY_OCCUPIED'
)

/** Facts: the path, and what the system said. */
export const E_DATABASE_DIRECTORY_UNUSABLE = createError<[string, string]>(
  'The data directory %s cannot be used: %s. Make it and its parent writable for the user that runs DayGen, or name another directory.',
  'E_DATABASE_DIRECTORY_UNUSABLE'
)

/** Facts: the user id that should have run Postgres, and what the system said. */
export const E_DATABASE_USER = createError<[number, string]>(
  'Postgres refuses to run as root, and here root may not let user %d run it instead (%s). Start DayGen as an ordinary user, or set DATABASE_URL.',
  'E_DATABASE_USER'
)

/** Facts: the directory, the major version that wrote it, the major version at hand. */
export const E_DATABASE_VERSION = createError<[string, string, string]>(
  'The data directory %s was written by Postgres %s, and this is Postgres %s, which cannot read it. Dump it with the old version and restore it into a new directory, or go back to the DayGen release that created it.',
  'E_DATABASE_VERSION'
)

/** Facts: the directory, and the output of the program that failed. */
export const E_DATABASE_INIT = createError<[string, string]>(
  'A database could not be created for %s; nothing was left behind. Mend what Postgres complains of and start again, or set DATABASE_URL:\n%s',
  'E_DATABASE_INIT'
)

/** Facts: the directory, the reason, the log file, its last lines. */
export const E_DATABASE_START = createError<[string, string, string, string]>(
  'The Postgres of %s did not become ready: %s. Mend what its log (%s) complains of and start again:\n%s',
  'E_DATABASE_START'
)

/** Facts: the directory, and the process id of the server. */
export const E_DATABASE_STOP = createError<[string, number]>(
  'The Postgres of %s (process %d) does not stop. No data is at risk; look at what it waits for (a disk that hangs?) before you end it by hand.',
  'E_DATABASE_STOP'
)

/** Facts: the process that holds the lock, the seconds waited, the lock file. */
export const E_DATABASE_LOCKED = createError<[number, number, string]>(
  'Process %d has kept the lock for more than %d seconds (%s): it is starting or stopping the database. Wait for it and try again; if no DayGen process runs, delete that file.',
  'E_DATABASE_LOCKED'
)
