import { expect, test } from "vitest";
import { readForward } from "../../src/reach/forward.js";

test.each([
  ["8080:80", { port: 8080, targetPort: 80 }],
  ["0.0.0.0:8080:80", { address: "0.0.0.0", port: 8080, targetPort: 80 }],
  ["8080:db:5432", { port: 8080, targetAddress: "db", targetPort: 5432 }],
  ["[::1]:8080:[fe80::1]:80", { address: "::1", port: 8080, targetAddress: "fe80::1", targetPort: 80 }],
])("%s", (text, forward) => {
  expect(readForward(text)).toEqual(forward);
});

test.each([
  "",
  "80",
  "80:",
  ":80",
  "0:80",
  "80:70000",
  "a:b",
  "a:80",
  "1:2:3:4:5",
  "80: 80",
  "x:80:y",
  "80:h:x",
])("'%s' is refused", (text) => {
  expect(() => readForward(text)).toThrowError(expect.objectContaining({ code: "FORWARD_INVALID" }));
});
