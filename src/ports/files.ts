import type { TaskId } from "../core/ids.ts";
import type { FileReference } from "../core/task/spec.ts";

/** Which of a task's two output files. */
export type LogStream = "stdout" | "stderr";

/** Content on disk under its hash; not yet part of a task. */
export interface StoredBlob {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What a task's directory is made of before its command starts. */
export interface DirectoryPlan {
  readonly id: TaskId;
  readonly attempt: number;
  readonly files: readonly FileReference[];
  readonly include: readonly (readonly [glob: string, destination: string])[];
  /** Directory that `include` is relative to: where the type's file is. */
  readonly includeFrom: string;
}

/** One name in a listing. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: "file" | "directory";
  readonly sizeBytes: number;
  /** Unix milliseconds. */
  readonly modifiedAt: number;
}

/** A file or a listing under a task's directory. */
export type ResultNode =
  | {
      readonly kind: "directory";
      readonly entries: readonly DirectoryEntry[];
      /** There are more than `limits.resultEntriesMax`, and the others are left out. */
      readonly isCut?: true;
    }
  | {
      readonly kind: "file";
      readonly sizeBytes: number;
      readonly modifiedAt: number;
      /** The bytes from `start` up to the size at the time of opening. */
      read(start?: number): AsyncIterable<Uint8Array>;
    };

/** Uploaded blobs, the directories in which tasks run, and what they wrote there. */
export interface Files {
  /** Puts an upload on disk, synced, under its hash. @throws UPLOAD_TOO_LARGE, STORE_UNAVAILABLE */
  storeBlob(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<StoredBlob>;
  /** Absolute path of a task's directory, or of that of an earlier attempt. */
  directoryOf(id: TaskId, attempt?: number): string;
  /**
   * Makes the task's directory for `attempt`, moving an earlier attempt's to `<id>@<n>`, and puts
   * uploads and includes there. May be done again until the attempt is started.
   * @throws FILE_UNKNOWN, STORE_UNAVAILABLE
   */
  prepare(plan: DirectoryPlan): Promise<void>;
  /** Removes the task's directories, of all attempts. */
  remove(id: TaskId): Promise<void>;
  /** Deletes blobs that no live task names; `isNeeded` is asked for each. */
  pruneBlobs(isNeeded: (sha256: string) => boolean): Promise<void>;
  /**
   * What is at `path` in the task's directory; undefined where nothing (readable) is. Never follows
   * a link out.
   */
  open(id: TaskId, path: string, attempt?: number): Promise<ResultNode | undefined>;
  /** Size in bytes of a log file, 0 where there is none. */
  logSize(id: TaskId, stream: LogStream, attempt?: number): Promise<number>;
  /** Up to `bytesMax` bytes from `offset`; empty at the end. */
  readLog(
    id: TaskId,
    stream: LogStream,
    offset: number,
    bytesMax: number,
    attempt?: number,
  ): Promise<Uint8Array>;
  /** The last line of `blanket.progress` in the task's directory, if there is one. */
  readProgress(id: TaskId): Promise<string | undefined>;
}
