export { buildPackage, renderPackage } from "./build-package.js";
export type { BuiltPackage, PackageFormat, PackageOptions } from "./build-package.js";
export type { Compression } from "./compression.js";
export { guestFile } from "./guest-file.js";
export type { PacmanPackage, RenderedPackage } from "./rendered-package.js";
