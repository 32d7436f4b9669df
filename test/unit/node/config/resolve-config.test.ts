/**
 * Goal: flags, environment, file and defaults make one configuration, and each mistake in them is
 * named with its place.
 * Method: resolveConfig with a made-up machine; files in a temporary directory.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { NodeFlags, NodeOptions } from "../../../../src/contract/config.ts";
import { BlanketError } from "../../../../src/core/errors.ts";
import { resolveConfig, type Machine } from "../../../../src/node/config/resolve-config.ts";

const machine: Machine = {
  hostName: "rabbit.example.org",
  cpuCount: 4,
  homeDirectory: "/home/ann",
  currentDirectory: "/srv/work",
};

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "blanket-config-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function resolved(flags: NodeFlags, environment: NodeOptions["environment"] = {}) {
  return resolveConfig({ flags, environment }, machine);
}

function nameOf(hostName: string): string {
  return resolveConfig({ flags: {}, environment: {} }, { ...machine, hostName }).name;
}

function file(text: string): string {
  const path = join(directory, "node.toml");
  writeFileSync(path, text);
  return path;
}

function refusal(flags: NodeFlags, environment: NodeOptions["environment"] = {}): BlanketError {
  try {
    resolved(flags, environment);
  } catch (error) {
    if (error instanceof BlanketError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("defaults", () => {
  test("a node without any word gets a whole configuration", () => {
    const { typeDirectories, sources, ...rest } = resolved({});
    expect(rest).toEqual({
      name: "rabbit",
      dataDirectory: "/home/ann/.local/share/blanket",
      http: { host: "127.0.0.1", port: 8773 },
      slots: 4,
      tags: [],
      storeModule: "level",
      hostNames: [],
      passEnvironment: [],
      uploadBytesMax: 1_073_741_824,
      insecure: false,
      stopTasks: false,
    });
    expect(typeDirectories).toEqual(["/srv/work/task-types", join(process.cwd(), "task-types")]);
    expect(new Set(Object.values(sources))).toEqual(new Set(["default"]));
  });

  test("the data directory follows XDG_DATA_HOME where that is absolute", () => {
    expect(resolved({}, { XDG_DATA_HOME: "/xdg" }).dataDirectory).toBe("/xdg/blanket");
    expect(resolved({}, { XDG_DATA_HOME: "xdg" }).dataDirectory).toBe(
      "/home/ann/.local/share/blanket",
    );
  });

  test("a host name that can't be a node's name is made one", () => {
    expect(nameOf("büro pc")).toBe("b-ro-pc");
    expect(nameOf("_x_.local")).toBe("x");
    expect(nameOf("...")).toBe("node");
  });
});

describe("order", () => {
  test("flags beat the environment, which beats the file, which beats the defaults", () => {
    const config = file('name = "f"\nslots = 1\nhttp = "127.0.0.1:1"\ntags = ["file"]\n');
    const merged = resolved(
      { config, name: "a" },
      { BLANKET_NAME: "e", BLANKET_SLOTS: "2", BLANKET_HTTP: "" },
    );
    expect(merged).toMatchObject({ name: "a", slots: 2, http: { port: 1 }, tags: ["file"] });
    expect(merged.sources).toMatchObject({
      name: "flag",
      slots: "environment",
      http: "file",
      insecure: "default",
    });
  });

  test("paths are relative to the current directory, in a file to that file", () => {
    const config = file('data = "data"\ntypes = ["types"]\nstore_module = "./store.js"\n');
    const fromFile = resolved({ config });
    expect(fromFile.dataDirectory).toBe(join(directory, "data"));
    expect(fromFile.typeDirectories[0]).toBe(join(directory, "types"));
    expect(fromFile.storeModule).toBe(join(directory, "store.js"));
    const fromFlags = resolved({ data: "data", types: ["one", "/two"] });
    expect(fromFlags.dataDirectory).toBe("/srv/work/data");
    expect(fromFlags.typeDirectories.slice(0, 3)).toEqual([
      "/srv/work/one",
      "/two",
      "/srv/work/task-types",
    ]);
  });

  test("every setting can come from the environment", () => {
    const config = resolved(
      {},
      {
        BLANKET_DATA: "/data",
        BLANKET_TAGS: "gpu, big",
        BLANKET_TYPES: "/a:b",
        BLANKET_STORE_MODULE: "memory-level",
        BLANKET_HOST_NAMES: "blanket.example.org",
        BLANKET_PASS_ENVIRONMENT: "CUDA_*,LICENSE",
        BLANKET_UPLOAD_BYTES_MAX: "4096",
        BLANKET_INSECURE: "yes",
        BLANKET_STOP_TASKS: "0",
      },
    );
    expect(config).toMatchObject({
      dataDirectory: "/data",
      tags: ["gpu", "big"],
      storeModule: "memory-level",
      hostNames: ["blanket.example.org"],
      passEnvironment: ["CUDA_*", "LICENSE"],
      uploadBytesMax: 4_096,
      insecure: true,
      stopTasks: false,
    });
    expect(config.typeDirectories.slice(0, 2)).toEqual(["/a", "/srv/work/b"]);
  });
});

describe("addresses", () => {
  test.each([
    ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }],
    ["[::1]:8773", { host: "::1", port: 8773 }],
    ["localhost:0", { host: "localhost", port: 0 }],
    ["9000", { host: "127.0.0.1", port: 9000 }],
  ])("%s is taken", (text, address) => {
    expect(resolved({ http: text }).http).toEqual(address);
  });

  test.each(["", ":8773", "host", "host:", "host:70000", "::1:8773", "[host]:1", "http://x:1"])(
    "%j is refused",
    (text) => {
      expect(refusal({ http: text })).toMatchObject({
        code: "CONFIG_INVALID",
        message: `--http is ${JSON.stringify(text)}, which is no address to listen at; write HOST:PORT, such as 127.0.0.1:8773.`,
      });
    },
  );
});

describe("mistakes", () => {
  test.each<[NodeFlags, NodeOptions["environment"], string]>([
    [{ slots: "many" }, {}, '--slots is "many"; write a whole number from 0'],
    [{ slots: "2000" }, {}, "--slots is"],
    [{ name: "a b" }, {}, "--name is \"a b\", which can't be a node's name"],
    [{ tags: "a b" }, {}, '--tags: tags holds "a b"'],
    [{ data: "" }, {}, "--data is no path"],
    [{}, { BLANKET_SLOTS: "-1" }, 'BLANKET_SLOTS is "-1"'],
    [{}, { BLANKET_UPLOAD_BYTES_MAX: "1G" }, 'BLANKET_UPLOAD_BYTES_MAX is "1G"; write a whole'],
    [{}, { BLANKET_INSECURE: "maybe" }, 'BLANKET_INSECURE is "maybe"; write true or false.'],
  ])("%j %j is refused", (flags, environment, sentence) => {
    const error = refusal(flags, environment);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain(sentence);
  });

  test("an unknown key is named, with the one that was meant", () => {
    const config = file("slot = 3\n");
    expect(refusal({ config }).message).toBe(`${config}: slot is not a key: did you mean slots?`);
  });

  test("a wrong type is named with its key", () => {
    const config = file('slots = "3"\n');
    expect(refusal({ config }).message).toContain("slots must be a whole number");
  });

  test("what does not parse is named with line and column", () => {
    const config = file('name = "a"\nslots = = 3\n');
    const error = refusal({ config });
    expect(error.message).toMatch(new RegExp(`^${config}:2:\\d+: .+\\.$`));
    expect(error.details).toMatchObject({ file: config, line: 2 });
  });

  test("a file that is not there is named", () => {
    expect(refusal({ config: "nowhere.toml" }).message).toContain(
      "the file /srv/work/nowhere.toml is not there",
    );
  });
});
