/** The variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, as curl(1) reads the environment: `http_proxy`, `https_proxy`, else `all_proxy`, less `no_proxy`;
 * in capitals too, but for HTTP_PROXY, which a web server sets from a request's header.
 * @returns undefined where it is asked directly
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const given = url.protocol === "http:" ? env["http_proxy"] : (env["https_proxy"] ?? env["HTTPS_PROXY"]);
  const proxy = given || env["all_proxy"] || env["ALL_PROXY"];
  if (!proxy || isExcepted(url, env["no_proxy"] ?? env["NO_PROXY"] ?? "")) return undefined;
  const address = /^[a-z0-9+.-]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}

function isExcepted({ hostname, host }: URL, exceptions: string): boolean {
  return exceptions
    .split(/[\s,]+/)
    .filter((each) => each !== "")
    .some((each) => {
      const name = each.replace(/^\*?\./, "");
      return each === "*" || name === host || name === hostname || hostname.endsWith(`.${name}`);
    });
}
