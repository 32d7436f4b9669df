#!/usr/bin/env node
// Parses on any Node: says what is needed before importing anything that would fail without a word.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "blanket needs Node 24 or newer, and this is " +
      process.version +
      " (" +
      process.execPath +
      "). " +
      "Run `npm ci` in the checkout, which brings Node 24 along, and start `bin/blanket`; or install Node 24.\n",
  );
  process.exit(1);
}
import("../dist/cli/entry.js").catch(function (error) {
  var isUnbuilt = error && error.code === "ERR_MODULE_NOT_FOUND" && /entry\.js/.test(error.message);
  process.stderr.write(
    isUnbuilt
      ? "blanket: it is not built yet; run `npm ci` in the checkout.\n"
      : String(error && error.stack) + "\n",
  );
  process.exit(1);
});
