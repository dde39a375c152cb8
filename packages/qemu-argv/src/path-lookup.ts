import { renderJson, type JsonNode } from "./json-text.js";
import { findMember } from "./option-query.js";

/** Makes one name absolute. */
export type RebasePath = (path: string) => string;

/** What a property of an option says, by its key; dots lead into JSON. */
export type Lookup = (key: string) => string | undefined;

/** What a JSON object says at a key with dots. */
export function lookupIn(json: Map<string, JsonNode>): Lookup {
  return (key) => {
    const node = findMember(json, key)?.node;
    return node === undefined || typeof node === "string" ? node : renderJson(node);
  };
}

/** A copy with each text changed; its key says with dots how to get there. The `str` of a list of texts bears the list's key. */
export function rebaseMembers(
  json: Map<string, JsonNode>,
  change: (key: string, value: string) => string,
  prefix: string = "",
): Map<string, JsonNode> {
  const rebaseNode = (node: JsonNode, key: string): JsonNode => {
    if (typeof node === "string") return change(key.replace(/\.\d+\.str$/, ""), node);
    if (node instanceof Map) return rebaseMembers(node, change, `${key}.`);
    return Array.isArray(node) ? node.map((item, index) => rebaseNode(item, `${key}.${index}`)) : node;
  };
  return new Map([...json].map(([key, node]) => [key, rebaseNode(node, prefix + key)]));
}
