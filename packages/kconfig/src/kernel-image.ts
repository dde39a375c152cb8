// Images are read where kernels are found; this is what their configuration is looked for with.
export type { ImageContent } from "@vm/kernel-build";
export { bzImageRelease, readImage } from "@vm/kernel-build";
