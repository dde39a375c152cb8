// The JSON Schema of requests, made from the one that `readRequest` checks with. What JSON Schema has no words for (kernel parameters
// with open quotes, fields that exclude each other) `readRequest` alone refuses.
import { toJsonSchema } from "@valibot/to-json-schema";

/** The text of schema/request.json. @param {typeof import("./src/request/schema.ts").requestSchemas} requestSchemas */
export function renderJsonSchema(requestSchemas) {
  const settings = { target: "draft-2020-12", errorMode: "ignore" };
  const names = Object.keys(requestSchemas);
  const definitions = Object.entries(requestSchemas).map(([name, schema]) => {
    const { $schema: _, ...rest } = toJsonSchema(schema, settings);
    return [name, rest];
  });
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A request to vm",
    description: "What somebody wants of vm; `operation` says what. Absent fields have their defaults.",
    oneOf: names.map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: Object.fromEntries(definitions),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
