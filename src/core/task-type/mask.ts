import type { Environment } from "./environment.ts";

/** What stands in place of a value that looks secret. */
export const masked = "***";

/** Words that make a name secret wherever they stand. */
const secretWord =
  /^(?:keys?|tokens?|secrets?|creds?|jwt|bearer|cookies?|authorization|pwd)$|passw|passphrase|credential/;
/** Words run together: `GITHUBTOKEN`, `CLIENTSECRET`, `APIKEY`; not `MONKEY` or `KEYBOARD`. */
const secretEnding =
  /(?:token|secret|(?:api|access|secret|private|priv|ssh|signing|encryption|auth|deploy|license)key)s?$/;
/** Words that are secret at the end of a name of several: `DB_PASS`, `HTTP_AUTH`. */
const secretLast = /^(?:pass|auth)$/;

/** The password in an address such as `postgres://user:password@host/`. */
const addressPassword = /([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi;

/**
 * Values for people's eyes: those of names that look secret are replaced by `***`, and so are
 * passwords in addresses. What is not recognised by its name stays readable, so this is a help
 * against glances, not a vault.
 */
export function maskSecrets(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      isSecretName(name) ? masked : value.replace(addressPassword, `$1${masked}@`),
    ]),
  );
}

/**
 * Whether a name has a word such as token, secret, password, key or credential. Words end at `_`
 * and where camel case begins a new one; `KEYBOARD`, `MONKEY`, `PWD` and `COMPASS` are not secret.
 */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  if (words.length === 1 && words[0] === "pwd") return false;
  if (words.some((word) => secretWord.test(word) || secretEnding.test(word))) return true;
  return words.length > 1 && secretLast.test(words.at(-1) ?? "");
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}
