export type { JsonValue, Property, QemuOption } from "./option.js";
