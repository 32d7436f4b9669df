/** Layers of `src/`: each folder with the folders and packages it may import, and nothing else. */
const layers = {
  core: { src: ["core"], packages: [] },
  contract: { src: ["core", "contract"], packages: ["typebox", "msgpackr"] },
  ports: { src: ["core", "ports"], packages: [] },
  engine: { src: ["core", "ports", "engine"], packages: [] },
  node: {
    src: ["core", "contract", "ports", "engine", "adapters", "node"],
    packages: ["smol-toml"],
    builtins: true,
  },
  keeper: { src: ["core", "contract", "keeper"], packages: ["koffi"], builtins: true },
  client: { src: ["core", "contract", "client"], packages: [], builtins: true },
  cli: {
    src: ["core", "contract", "client", "cli"],
    packages: ["@oclif/core"],
    builtins: true,
  },
};

const adapters = {
  "clock-system": [],
  "files-disk": [],
  "http-fastify": ["fastify", "@fastify/.+", "typebox"],
  "identity-libp2p": ["@libp2p/.+"],
  "log-pino": ["pino"],
  "metrics-prometheus": ["@prometheus-io/client"],
  "random-system": [],
  "runner-keeper": [],
  "store-level": ["level", "abstract-level", "msgpackr"],
  "types-toml": ["smol-toml"],
};

const npm = (names) => (names.length === 0 ? "^$" : `(^|/)node_modules/(${names.join("|")})(/|$)`);

const layerRules = Object.entries(layers).flatMap(([folder, allowed]) => [
  {
    name: `${folder}-imports-only-its-layers`,
    severity: "error",
    from: { path: `^src/${folder}/`, pathNot: "^src/cli/commands/node\\.ts$" },
    to: { path: "^src/", pathNot: `^src/(${allowed.src.join("|")})/` },
  },
  {
    name: `${folder}-imports-only-its-packages`,
    severity: "error",
    from: { path: `^src/${folder}/` },
    to: {
      dependencyTypesNot: ["local", ...(allowed.builtins ? ["core"] : [])],
      pathNot: [npm(allowed.packages)],
    },
  },
]);

const adapterRules = Object.entries(adapters).flatMap(([folder, packages]) => [
  {
    name: `${folder}-imports-only-its-layers`,
    severity: "error",
    from: { path: `^src/adapters/${folder}/` },
    to: { path: "^src/", pathNot: `^src/(core|contract|ports|adapters/${folder})/` },
  },
  {
    name: `${folder}-imports-only-its-library`,
    severity: "error",
    from: { path: `^src/adapters/${folder}/` },
    to: { dependencyTypesNot: ["local", "core"], pathNot: [npm(packages)] },
  },
]);

export default {
  forbidden: [
    ...layerRules,
    ...adapterRules,
    {
      name: "adapter-without-a-row",
      severity: "error",
      from: {
        path: "^src/adapters/",
        pathNot: `^src/adapters/(${Object.keys(adapters).join("|")})/`,
      },
      to: {},
    },
    {
      name: "node-command-alone-reaches-node",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(node/|cli/commands/node\\.ts$)" },
      to: { path: "^src/node/" },
    },
    {
      name: "node-command-reaches-node-late",
      severity: "error",
      from: { path: "^src/cli/" },
      to: { path: "^src/node/", dynamic: false },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // swc keeps type-only imports by itself; options that ask for the compiler's API, which
    // TypeScript 7 does not have yet, would only add a warning.
    parser: "swc",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
