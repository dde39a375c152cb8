/** The root that covers PID 1's own, as PID 1 writes it. */
export const NEW_ROOT = "/..";
