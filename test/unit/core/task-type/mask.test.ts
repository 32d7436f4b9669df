/**
 * Goal: listings show no secrets, and hide little else.
 * Method: names that people really use, on both sides of the line.
 */
import { describe, expect, it } from "vitest";

import { isSecretName, maskSecrets } from "../../../../src/core/task-type/mask.ts";

describe("isSecretName", () => {
  it.each(
    [
      ["TOKEN", "GITHUB_TOKEN", "githubToken", "GITHUBTOKEN", "token2", "API_TOKENS"],
      ["SECRET", "clientSecret", "CLIENTSECRET", "AWS_SECRET_ACCESS_KEY", "SECRET_FILE"],
      ["PASSWORD", "PGPASSWORD", "DB_PASSWD", "password_hash", "MYSQL_PWD", "DB_PASS"],
      ["SSH_PASSPHRASE", "KEY", "API_KEY", "apiKey", "APIKEY", "PRIVATEKEY", "SSHKeyFile"],
      ["CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS", "awsCreds", "HTTP_AUTH", "JWT"],
      ["AUTHORIZATION", "SESSION_COOKIE", "HTTPToken"],
    ].flat(),
  )("is true of %s", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each(
    [
      ["KEYBOARD", "MONKEY", "keystone", "DONKEY_COUNT", "SECRETARY", "TOKENIZER", "PWD"],
      ["OLDPWD", "COMPASS", "PASS", "PASS_COUNT", "BYPASS", "AUTH", "AUTHOR", "HOME", "PATH"],
      ["DEFAULT_COMMAND", "FROGS", "CATS", "KEYNOTE_FILE", "TURKEYS"],
    ].flat(),
  )("is false of %s", (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe("maskSecrets", () => {
  it("replaces values of secret names, whatever their length", () => {
    expect(maskSecrets({ API_KEY: "abc", TOKEN: "", FROGS: "5" })).toEqual({
      API_KEY: "***",
      TOKEN: "***",
      FROGS: "5",
    });
  });

  it("hides the password of an address and leaves the rest readable", () => {
    expect(
      maskSecrets({ DB: "postgres://me:pa:ss@host/db and redis://:x@h", LINK: "http://a:80/b@c" }),
    ).toEqual({ DB: "postgres://me:***@host/db and redis://:***@h", LINK: "http://a:80/b@c" });
  });
});
