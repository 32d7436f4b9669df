import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/**
 * Programs that become a tag of their name where they are on PATH: what task types commonly ask
 * for. Everything else is a tag that the user configures.
 */
export const knownPrograms = {
  shells: ["sh", "bash", "dash", "zsh", "ksh", "fish", "pwsh"],
  interpreters: ["python", "python2", "python3", "node", "ruby", "perl", "php", "Rscript", "julia"],
  compilers: ["gcc", "clang", "java", "go", "rustc", "cargo", "make", "cmake"],
  containers: ["docker", "podman", "apptainer", "kubectl"],
  schedulers: ["sbatch", "qsub", "bsub", "condor_submit"],
  media: ["ffmpeg", "blender", "convert", "pandoc", "pdflatex", "nvidia-smi"],
  data: ["git", "curl", "rsync", "ssh", "psql", "sqlite3"],
} as const;

const programs: ReadonlySet<string> = new Set(Object.values(knownPrograms).flat());
const pythonVersion = /^python[23]\.\d{1,2}$/;

/**
 * The tags that a node has by itself: operating system, architecture, `node:<name>` and the
 * programs on PATH. Each directory of PATH is read once.
 */
export function detectTags(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const found = programsOn(environment["PATH"] ?? "");
  if (found.has("python3")) found.add("python");
  return [...systemTags(), process.arch, `node:${name}`, ...[...found].toSorted()];
}

function systemTags(): readonly string[] {
  return process.platform === "win32" ? ["windows"] : [process.platform, "unix"];
}

function programsOn(path: string): Set<string> {
  const found = new Set<string>();
  for (const directory of new Set(path.split(":"))) {
    // A relative part, the empty one included, means something else wherever a task runs.
    if (!isAbsolute(directory)) continue;
    for (const file of namesIn(directory)) {
      if (found.has(file) || !(programs.has(file) || pythonVersion.test(file))) continue;
      if (isExecutable(join(directory, file))) found.add(file);
    }
  }
  return found;
}

/** A directory of PATH that is not there or not ours to read has no programs for us. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
