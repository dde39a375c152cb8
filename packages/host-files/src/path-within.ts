/** Whether a path is another one, or below it: by the texts alone, both absolute and with no slash at their ends. */
export function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(outer === "/" ? "/" : `${outer}/`);
}
