import { INSTALL_OPTIONS, type InstallOption } from "./install-option.js";

/** A JSON schema for the file of `--config`: published as schema/installation.schema.json. */
export function renderSchema(): string {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Installation of Arch Linux by arch-install",
    description: "The options of arch-install, by their names. What the command line says goes before.",
    type: "object",
    properties: {
      $schema: { type: "string" },
      ...Object.fromEntries(INSTALL_OPTIONS.map((option) => [option.key, property(option)])),
    },
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function property(option: InstallOption): object {
  const { description, default: value } = option;
  return { description, ...shape(option), ...(value === undefined ? {} : { default: value }) };
}

function shape(option: InstallOption): object {
  const string = stringShape(option);
  switch (option.type) {
    case "string":
      return string;
    case "strings":
      return { type: "array", items: string };
    case "boolean":
      return { type: "boolean" };
    case "string or true":
      return { anyOf: [string, { const: true }] };
    default:
      return option.type satisfies never;
  }
}

function stringShape({ choices, pattern }: InstallOption): object {
  return {
    type: "string",
    ...(choices === undefined ? {} : { enum: choices }),
    ...(pattern === undefined ? {} : { pattern: `^(?:${pattern})$` }),
  };
}
