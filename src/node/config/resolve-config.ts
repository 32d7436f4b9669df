import { availableParallelism, homedir, hostname } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import type { ConfigFile } from "../../contract/config-file.ts";
import type { NodeConfig, NodeFlags, NodeOptions } from "../../contract/config.ts";
import { limits } from "../../core/limits.ts";
import { mergeLayers, type Layer, type Settings } from "./layer.ts";
import { readConfigFile } from "./read-config-file.ts";
import {
  readAddress,
  readBytes,
  readName,
  readNames,
  readPath,
  readSlots,
  readSwitch,
  readTags,
} from "./read-setting.ts";

type Environment = NodeOptions["environment"];

/** What the defaults depend on. */
export interface Machine {
  readonly hostName: string;
  readonly cpuCount: number;
  readonly homeDirectory: string;
  readonly currentDirectory: string;
}

/**
 * The configuration of a node: flags over environment over file over defaults.
 *
 * @throws CONFIG_INVALID
 */
export function resolveConfig(
  { flags, environment }: NodeOptions,
  machine: Machine = thisMachine(),
): NodeConfig {
  const here = machine.currentDirectory;
  const path = given(flags.config, (text) => readPath(text, "--config", here));
  return mergeLayers({
    flag: flagLayer(flags, here),
    environment: environmentLayer(environment, here),
    file: path === undefined ? {} : fileLayer(readConfigFile(path), path),
    default: defaultLayer(environment, machine),
  });
}

function thisMachine(): Machine {
  return {
    hostName: hostname(),
    cpuCount: availableParallelism(),
    homeDirectory: homedir(),
    currentDirectory: process.cwd(),
  };
}

function flagLayer(flags: NodeFlags, here: string): Layer {
  return present({
    name: given(flags.name, (text) => readName(text, "--name")),
    dataDirectory: given(flags.data, (path) => readPath(path, "--data", here)),
    http: given(flags.http, (text) => readAddress(text, "--http")),
    slots: given(flags.slots, (text) => readSlots(text, "--slots")),
    tags: given(flags.tags, (text) => readTags(text, "--tags")),
    typeDirectories: given(flags.types, (paths) =>
      paths.map((path) => readPath(path, "--types", here)),
    ),
    insecure: flags.insecure,
    stopTasks: flags.stopTasks,
  });
}

/** A variable that is empty is the same as one that is not set. */
function environmentLayer(environment: Environment, here: string): Layer {
  const read = <T>(name: string, reader: (text: string, named: string) => T) =>
    given(environment[name] === "" ? undefined : environment[name], (text) => reader(text, name));
  return present({
    name: read("BLANKET_NAME", readName),
    dataDirectory: read("BLANKET_DATA", (text, named) => readPath(text, named, here)),
    http: read("BLANKET_HTTP", readAddress),
    slots: read("BLANKET_SLOTS", readSlots),
    tags: read("BLANKET_TAGS", readTags),
    typeDirectories: read("BLANKET_TYPES", (text) =>
      text
        .split(":")
        .filter((path) => path !== "")
        .map((path) => resolve(here, path)),
    ),
    storeModule: read("BLANKET_STORE_MODULE", (text) => storeModule(text, here)),
    hostNames: read("BLANKET_HOST_NAMES", readNames),
    passEnvironment: read("BLANKET_PASS_ENVIRONMENT", readNames),
    uploadBytesMax: read("BLANKET_UPLOAD_BYTES_MAX", readBytes),
    insecure: read("BLANKET_INSECURE", readSwitch),
    stopTasks: read("BLANKET_STOP_TASKS", readSwitch),
  });
}

/** Paths in a file are relative to it, so that a node means the same wherever it is started. */
function fileLayer(file: ConfigFile, path: string): Layer {
  const directory = dirname(path);
  return present({
    name: given(file.name, (text) => readName(text, `name in ${path}`)),
    dataDirectory: given(file.data, (text) => readPath(text, `data in ${path}`, directory)),
    http: given(file.http, (text) => readAddress(text, `http in ${path}`)),
    slots: file.slots,
    tags: given(file.tags, (tags) => readTags(tags, `tags in ${path}`)),
    typeDirectories: given(file.types, (paths) =>
      paths.map((text) => readPath(text, `types in ${path}`, directory)),
    ),
    storeModule: given(file.store_module, (name) => storeModule(name, directory)),
    hostNames: file.host_names,
    passEnvironment: file.pass_environment,
    uploadBytesMax: file.upload_bytes_max,
    insecure: file.insecure,
  });
}

function defaultLayer(environment: Environment, machine: Machine): Settings {
  return {
    name: defaultName(machine.hostName),
    dataDirectory: defaultData(environment, machine),
    http: { host: "127.0.0.1", port: 8_773 },
    slots: Math.min(machine.cpuCount, limits.slotsMax),
    tags: [],
    typeDirectories: [join(machine.currentDirectory, "task-types"), shippedTypes],
    storeModule: "level",
    hostNames: [],
    passEnvironment: [],
    uploadBytesMax: limits.uploadBytesMax,
    insecure: false,
    stopTasks: false,
  };
}

/** Beside `src` and `dist` alike. */
const shippedTypes = fileURLToPath(new URL("../../../task-types", import.meta.url));

/** A host name may hold what a node's name may not; what is left still tells machines apart. */
function defaultName(hostName: string): string {
  const [first = ""] = hostName.split(".");
  const name = first
    .replaceAll(/[^A-Za-z0-9_-]/g, "-")
    .slice(0, 63)
    .replaceAll(/^[_-]+|[_-]+$/g, "");
  return name === "" ? "node" : name;
}

/** The XDG Base Directory Specification has relative paths ignored. */
function defaultData(environment: Environment, { homeDirectory }: Machine): string {
  const base = environment["XDG_DATA_HOME"];
  return base !== undefined && isAbsolute(base)
    ? join(base, "blanket")
    : join(homeDirectory, ".local/share/blanket");
}

/** A path is made absolute; a package's name stays. */
function storeModule(name: string, directory: string): string {
  return /^\.{1,2}\//.test(name) ? resolve(directory, name) : name;
}

function given<G, T>(value: G | undefined, read: (value: G) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

/** Without the members that are undefined. */
function present(layer: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Layer {
  return Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined));
}
