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
import("./main.js").catch(function (error) {
  process.stderr.write(String(error && error.stack) + "\n");
  process.exit(1);
});
