import type { Installation } from "./installation.js";
import { command, type Statement } from "./shell-text.js";

/** A clock that is less wrong than this is left alone. */
const TOLERANCE_SECONDS = 60;

/** Servers of the mirrors, each once, as the words that the script has for them. */
interface Servers {
  /** `HOST PORT name`, or `HOST PORT ip` where the host is an address. */
  readonly https: readonly string[];
  /** As curl takes them. */
  readonly http: readonly string[];
}

function serversOf({ pacmanMirrors }: Installation): Servers {
  const urls = pacmanMirrors.flatMap((mirror) => {
    const origin = /^https?:\/\/[^/$]+/.exec(mirror)?.[0];
    return origin !== undefined && URL.canParse(origin) ? [new URL(origin)] : [];
  });
  const https = urls.flatMap(({ protocol, hostname, port }) => {
    // As URLs have them: an IPv6 address in brackets, an IPv4 one in four decimal numbers. node:net would cost a fifth of a start of Node.
    const isAddress = /^\[|^\d+(?:\.\d+){3}$/.test(hostname);
    const host = hostname.replaceAll(/[[\]]/g, "");
    return protocol === "https:" ? [`${host} ${port || "443"} ${isAddress ? "ip" : "name"}`] : [];
  });
  const http = urls.flatMap(({ protocol, host }) => (protocol === "http:" ? [`http://${host}`] : []));
  return { https: [...new Set(https)], http: [...new Set(http)] };
}

/** The shell functions that `followClock` calls. */
export function clockFunctions(installation: Installation): readonly string[] {
  return serversOf(installation).https.length === 0 ? [] : [ASK_DATE];
}

/**
 * Sets the clock by a mirror: signatures and certificates hold only at the right time, and NTP gets through no HTTP proxy. Only
 * a mirror that proves who it is is believed; where there is none, a clock that is wrong is told.
 */
export function followClock(installation: Installation): readonly Statement[] {
  const { https, http } = serversOf(installation);
  if (https.length + http.length === 0) return [];
  const loops = [...(https.length === 0 ? [] : believe(https)), ...(http.length === 0 ? [] : compare(http))];
  const both = https.length > 0 && http.length > 0;
  return [
    "local server date seconds error",
    ...(both ? ["local believed=no"] : []),
    ...loops.filter((line) => both || !line.includes("believed")),
  ];
}

function believe(servers: readonly string[]): readonly string[] {
  return [
    `local servers=(${command(...servers)})`,
    'for server in "${servers[@]}"; do',
    '  date=$(ask_date "$server" -no_check_time) || continue',
    '  seconds=$(date --utc --date="$date" +%s) || continue',
    "  error=$((seconds - EPOCHSECONDS))",
    `  if ((error > ${TOLERANCE_SECONDS} || error < -${TOLERANCE_SECONDS})); then`,
    "    # The certificate has to be valid at the time that its owner says.",
    '    ask_date "$server" -attime "$seconds" > /dev/null || continue',
    '    date --utc --set="@$seconds"',
    "    # A machine may have no clock of its own.",
    "    [[ ! -e /dev/rtc0 ]] || hwclock --systohc --utc --noadjfile",
    "    clock_was_wrong=yes",
    "  fi",
    "  believed=yes",
    "  break",
    "done",
  ];
}

/** An answer without a Date is none: date(1) would take it for midnight. */
function compare(servers: readonly string[]): readonly string[] {
  return [
    `local unproven=(${command(...servers)})`,
    'for server in "${unproven[@]}"; do',
    "  [[ $believed == no ]] || break",
    `  date=$(curl --silent --head --max-time 10 --output /dev/null --write-out '%header{date}' "$server") || continue`,
    '  seconds=$(date --utc --date="${date:?}" +%s) || continue',
    "  error=$((seconds - EPOCHSECONDS))",
    `  if ((error > ${TOLERANCE_SECONDS} || error < -${TOLERANCE_SECONDS})); then`,
    `    printf 'This clock is %d s behind that of %s, where anyone may answer: it stays as it is.\\n' "$error" "$server"`,
    `    printf 'If packages are refused as not yet or no longer signed, set it with date(1), or add a mirror with https.\\n'`,
    "  fi",
    "  break",
    "done",
  ];
}

/**
 * curl would look at the dates of the certificate, which is not valid while the clock is wrong; openssl can leave these dates out.
 * It prints nothing of a server that does not prove who it is.
 */
const ASK_DATE = `# The date of an answer of the server "HOST PORT name|ip", which has to prove who it is: openssl is told how it looks at dates.
ask_date() {
  local host port kind proxy exceptions exception answer
  read -r host port kind <<< "$1"
  local options=(-quiet -verify_return_error "-verify_\${kind/name/hostname}" "$host" "\${@:2}")
  [[ $kind == ip ]] || options+=(-servername "$host")
  proxy=\${https_proxy:-\${HTTPS_PROXY:-\${all_proxy:-\${ALL_PROXY:-}}}}
  exceptions=\${no_proxy:-\${NO_PROXY:-}}
  for exception in \${exceptions//[,*]/ }; do
    [[ .$host != *."\${exception#.}" ]] || proxy=
  done
  [[ $exceptions != "*" ]] || proxy=
  # openssl knows proxies for HTTP alone.
  case $proxy in
    *://*@* | https://* | socks*) return 1 ;;
    ?*) proxy=\${proxy#http://} options+=(-proxy "\${proxy%%/*}") ;;
  esac
  [[ $host != *:* ]] || host="[$host]"
  answer=$(printf 'HEAD / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$host" |
    timeout 10 openssl s_client "\${options[@]}" -connect "$host:$port" 2> /dev/null) || :
  [[ $'\\n'$answer =~ $'\\n'[Dd][Aa][Tt][Ee]:\\ ([A-Z][a-z]{2},\\ [0-9A-Za-z\\ :]+) ]] || return 1
  printf '%s\\n' "\${BASH_REMATCH[1]}"
}
`;
