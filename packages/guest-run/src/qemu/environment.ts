/** Variables that QEMU, its libraries and programs that it starts make use of. */
const NAMES = new Set(
  "PATH HOME USER LOGNAME SHELL TMPDIR TZ LANG LANGUAGE TERM DISPLAY WAYLAND_DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK LD_LIBRARY_PATH".split(
    " ",
  ),
);
const PREFIXES =
  /^(?:LC_|XDG_|QEMU_|SDL_|GDK_|GTK_|GIO_|GSETTINGS_|G_|PULSE_|PIPEWIRE_|ALSA_|SPICE_|EGL_|GALLIUM_|LIBGL_|LIBVA_|MESA_|VK_|VDPAU_|__GL|__EGL|__NV|NIX_|LSAN_|ASAN_|UBSAN_|TSAN_|VM_SHARE_)/;
/** What QEMU's driver for images on the web (libcurl) reads. Proxies may have passwords in them. */
const WEB = /^(?:https?|ftp|all|no)_proxy$|^SSL_CERT_|^CURL_/i;

/**
 * The environment that QEMU gets: not what a guest that broke into it had no business to see, such as tokens of a CI.
 * `argv` is QEMU's command line.
 */
export function qemuEnvironment(env: NodeJS.ProcessEnv, argv: readonly string[]): NodeJS.ProcessEnv {
  const usesWeb = argv.some((word) => /\b(?:https?|ftps?):/.test(word));
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => NAMES.has(name) || PREFIXES.test(name) || (usesWeb && WEB.test(name)),
    ),
  );
}
