import { plainText } from "@vm/command-plan";

/** HTML that may go into a page as it is; only `html` makes it. */
export interface Markup {
  readonly markup: string;
}

type Content = Markup | string | number | readonly Content[] | null;

/**
 * A template of HTML. What is interpolated is escaped, so that nothing a guest wrote is ever markup; markup made by this function
 * itself and lists of it go in as they are, null is nothing.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const text = parts.map((part, index) => {
    const content = contents[index];
    // What indents our own text would be half of a large page.
    const own = part.replace(/\n +/g, "\n");
    return content === undefined ? own : own + render(content);
  });
  return { markup: text.join("") };
}

/** Our own CSS. */
export function style(css: string): Markup {
  return { markup: `<style>\n${css}</style>` };
}

/** Our own script, as it is: no text of anybody else's may be in it. */
export function script(text: string): Markup {
  return { markup: `<script>${text}</script>` };
}

function render(content: Content): string {
  if (content === null) return "";
  if (typeof content === "string") return escapeMarkup(plainText(content));
  if (typeof content === "number") return String(content);
  return "markup" in content ? content.markup : content.map(render).join("");
}

/** Text for where markup stands, or an attribute in double quotes, of HTML and XML. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
