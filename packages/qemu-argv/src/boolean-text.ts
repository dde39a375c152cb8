/** A boolean in QEMU's words (util/qapi-util.c, qapi_bool_parse); undefined for another word. */
export function parseBoolean(text: string): boolean | undefined {
  if (["on", "yes", "true", "y"].includes(text)) return true;
  return ["off", "no", "false", "n"].includes(text) ? false : undefined;
}

/** Whether a property says yes. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && parseBoolean(value) === true;
}
