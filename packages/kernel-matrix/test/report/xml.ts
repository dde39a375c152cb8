import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCHEMA = fileURLToPath(new URL("junit.xsd", import.meta.url));

/** What xmllint has against the document as JUnit XML; empty when it is valid. */
export function junitComplaints(xml: string): string {
  const { status, stderr, error } = spawnSync("xmllint", ["--noout", "--nonet", "--schema", SCHEMA, "-"], {
    input: xml,
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  return status === 0 ? "" : stderr;
}

/** The value of an XPath expression, such as `string(//failure[1])`, in the document. */
export function xpath(xml: string, expression: string): string {
  const { status, stdout, stderr } = spawnSync("xmllint", ["--nonet", "--xpath", expression, "-"], {
    input: xml,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.replace(/\n$/, "");
}

/** What xmllint has against the text as an XML document; empty when it is well-formed. */
export function xmlComplaints(xml: string): string {
  const { stderr, error } = spawnSync("xmllint", ["--noout", "--nonet", "-"], {
    input: xml,
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  return stderr;
}
