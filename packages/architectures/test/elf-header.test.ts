import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { hostArchitecture } from "@vm/qemu-argv";
import { expect, test } from "vitest";
import { architectureOfElf, elfHeaderBytes, parseElfHeader, parseElfSegments } from "../src/index.js";

test("a program of this machine has the segments that readelf lists", () => {
  const bytes = readFileSync(process.execPath);
  const header = parseElfHeader(bytes.subarray(0, elfHeaderBytes));
  expect(header).not.toBeNull();
  if (header === null) return;
  expect(architectureOfElf(header)?.name).toBe(hostArchitecture(process.arch));
  const { offset, entryBytes, entries } = header.table;
  const segments = parseElfSegments(header, bytes.subarray(offset, offset + entryBytes * entries));
  const { stdout } = spawnSync("readelf", ["-lW", process.execPath], { encoding: "utf8" });
  const rows = [...stdout.matchAll(/^ {2}(LOAD|DYNAMIC|NOTE|INTERP) +(0x\w+) (0x\w+) 0x\w+ (0x\w+)/gm)];
  const types: Readonly<Record<string, number>> = { LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4 };
  expect(rows.length).toBeGreaterThan(3);
  expect(segments.filter(({ type }) => type >= 1 && type <= 4)).toEqual(
    rows.map(([, type = "", at, address, size]) => ({
      type: types[type],
      offset: Number(at),
      address: Number(address),
      bytes: Number(size),
    })),
  );
});

test("what is cut off, or no ELF file, has no header", () => {
  const head = Buffer.alloc(elfHeaderBytes);
  const file = openSync(process.execPath, "r");
  readSync(file, head, 0, head.length, 0);
  closeSync(file);
  expect(parseElfHeader(head.subarray(0, 63))).toBeNull();
  expect(parseElfHeader(head.subarray(0, 4))).toBeNull();
  expect(parseElfHeader(Buffer.alloc(0))).toBeNull();
  expect(parseElfHeader(Buffer.from("#!/bin/sh\n".padEnd(64)))).toBeNull();
  const header = parseElfHeader(head);
  expect(header === null ? null : parseElfSegments(header, Buffer.alloc(3))).toEqual([]);
});
