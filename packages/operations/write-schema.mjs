// Writes schema/request.json (npm run schema).
import { writeFileSync } from "node:fs";
import { requestSchemas } from "./dist/request/schema.js";
import { renderJsonSchema } from "./json-schema.mjs";

writeFileSync(new URL("schema/request.json", import.meta.url), renderJsonSchema(requestSchemas));
