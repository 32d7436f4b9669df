/** The system's code of an error of the file system (`ENOENT`). */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : String(error);
}

/** The sentence for a file or directory that cannot be read. */
export function unreadableMessage(code: string): string {
  if (code === "EACCES" || code === "EPERM") {
    return "it cannot be read: give the node's user permission to read it and enter its directory.";
  }
  if (code === "ENOTDIR") return "it is not a directory: name the directory that holds the files.";
  if (code === "ELOOP") return "it is a symbolic link that leads back to itself: replace it.";
  return `it cannot be read (${code}): check the disk and what is mounted there.`;
}
