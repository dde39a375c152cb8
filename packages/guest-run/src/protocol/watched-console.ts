import { architectureNamed } from "@vm/qemu-argv";

/**
 * Kernel parameters, behind all others, that make the console tell everything, for it is looked at for complaints: neither `quiet`
 * nor `loglevel=`, `dmesg -n` or a sysctl keeps a line back, and the console that we read is one. `printk.ignore_loglevel` as a
 * module's parameter: that form has a value, so a later one wins over an earlier. The time shows where a message begins, even behind
 * an unfinished line of a program's. Source: kernel/printk/printk.c.
 */
export function watchedConsole(arch: string): string {
  const console = architectureNamed(arch)?.console;
  return [
    ...(console === undefined ? [] : [`console=${console}`]),
    "printk.ignore_loglevel=1 printk.time=1",
  ].join(" ");
}
