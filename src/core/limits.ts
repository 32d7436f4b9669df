/**
 * Every bound of Blanket in one place: name, value, and why that value.
 * Reaching one is always said to the caller (413, 429, a marker line), never handled by silent
 * loss.
 */
export const limits = {
  /** A task spec in canonical bytes; larger content belongs in an uploaded file. */
  specBytesMax: 48 * 1024,
  /** A JSON request body: a spec at its limit with generous escapes. */
  bodyBytesMax: 512 * 1024,
  /** One uploaded file, unless the node's configuration says otherwise. */
  uploadBytesMax: 1024 * 1024 * 1024,
  /** Files of one task. */
  uploadFilesMax: 100,
  /** A path inside a task's directory. */
  uploadPathBytesMax: 1024,
  /** Files that one task type includes; more belong in an archive. */
  includeFilesMax: 10_000,
  /** Entries of one directory among a task's results that are listed. */
  resultEntriesMax: 10_000,
  /** Tasks that are not closed, on this node; the next one is refused with 429. */
  openTasksMax: 200_000,
  /** Closed task records kept whole in memory; older ones are read from the store on demand. */
  recentRecordsMax: 2_000,
  /** Rows of one listing when the caller names no limit, and at most. */
  listDefault: 500,
  listMax: 10_000,
  /** Distinct tags of one task or worker, and the length of one. */
  tagsMax: 64,
  tagBytesMax: 128,
  /** A task's key, and a type's name. */
  keyBytesMax: 512,
  typeNameBytesMax: 128,
  /** Slots of one node. */
  slotsMax: 1_024,
  /** Attempts that a retry policy may ask for. */
  attemptsMax: 1_000,
  /** The last edits that a value remembers, to judge one whose fate is unknown. */
  opsRemembered: 8,
  /** Log and event streams open at once on one node. */
  streamsMax: 256,
  /** Connections to REST at once; more than streams and waits together, and few enough to hold. */
  connectionsMax: 8_192,
  /** Waits (`?wait`) open at once on one node. */
  waitsMax: 4_096,
  /** One read of a log file. */
  logChunkBytes: 64 * 1024,
  /** A log line sent as one event; a longer one is cut there and goes on in the next. */
  logLineBytesMax: 64 * 1024,
  /** The end of one log file that is given as text. */
  logTailBytesMax: 1024 * 1024,
  /** A task type file. */
  typeFileBytesMax: 256 * 1024,
  /** Task type files of one node; those past it, by name, are not read and that is said. */
  typeFilesMax: 10_000,
  /**
   * A command ready to run, and one variable with its name: Linux takes no longer string from
   * `execve` (MAX_ARG_STRLEN, 128 KiB with the closing zero byte).
   */
  commandBytesMax: 128 * 1024 - 1,
  /** Any duration that users write: longer ones are a mistake of units. */
  durationMsMax: 3_650 * 24 * 3_600_000,
  /** Bytes of one progress note. */
  progressNoteBytesMax: 200,
  /** Operations of one synced batch of the store; the rest goes into the next batch. */
  batchOperationsMax: 2_048,
  /**
   * Their bytes: about two of LevelDB's memory tables, so that no batch holds up the others long.
   */
  batchBytesMax: 8 * 1024 * 1024,
  /** One line between daemon and keeper: what Linux takes at most for a program, with escapes. */
  keeperLineCharactersMax: 4 * 1024 * 1024,
  /** Attempts whose end nobody has acknowledged that a keeper holds: more than slots, by far. */
  keeperRunsMax: 16_384,
  /**
   * Acknowledged attempts that a keeper remembers, so that a repeated start is not a second one.
   */
  keeperForgottenMax: 2_000,
  /**
   * What a keeper has said to a daemon that does not read; past it the daemon must connect anew.
   */
  keeperUnreadBytesMax: 16 * 1024 * 1024,
  /** Closed tasks older than this leave with their registers and results. */
  retentionMs: 7 * 24 * 3_600_000,
} as const;
