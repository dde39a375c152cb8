export type { Permission } from "./permission.js";
export { serve, type ServerSettings } from "./server.js";
