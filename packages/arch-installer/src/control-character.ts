/**
 * What no value may hold: control characters and Unicode's line ends, as the inside of a regular expression's brackets.
 * Spelled out: a property such as \p{C} takes a millisecond to compile.
 */
export const CONTROL_CHARACTERS: string = String.raw`\u0000-\u001f\u007f-\u009f\u2028\u2029`;
