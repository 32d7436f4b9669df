/**
 * Goal: each executor is started in its own way, and a command is never taken for options.
 * Method: a table.
 */
import { describe, expect, it } from "vitest";

import { argvOf } from "../../../../src/core/task-type/argv.ts";

describe("argvOf", () => {
  it.each([
    ["bash", "echo", ["bash", "-c", "echo"]],
    ["/bin/sh", "echo", ["/bin/sh", "-c", "echo"]],
    ["python3", "-1", ["python3", "-c", "-1"]],
    ["cmd", "dir", ["cmd", "/c", "dir"]],
    ["CMD.EXE", "dir", ["CMD.EXE", "/c", "dir"]],
    ["powershell", "dir", ["powershell", "-Command", "dir"]],
    ["pwsh", "dir", ["pwsh", "-c", "dir"]],
    ["bash", "-x", ["bash", "-c", " -x"]],
    ["zsh", "+x", ["zsh", "-c", " +x"]],
  ])("starts %s %s", (executor, command, argv) => {
    expect(argvOf(executor, command)).toEqual(argv);
  });
});
